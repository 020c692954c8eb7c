// Command load is the generator of load: it reads a job from stdin, does it, and prints what came of it. It sends the
// job's requests in turns, and holds every answer against what is expected: its status and its length. It is made to be
// faster than what it measures: it writes frames, and checks messages without decoding them.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A job is what to send, and for how long: so many calls, or so many seconds where calls is 0.
type job struct {
	Protocol    string // grpc, or http for HTTP/1.1
	Address     string
	Connections int
	Streams     int // calls at once on each connection of gRPC
	Seconds     float64
	Calls       int64
	Rate        float64 // calls per second, sent whether or not answers come; 0: the next when one was answered
	Pid         int     // whose CPU time to count
	Slack       int     // how much longer or shorter an answer may be
	Requests    []request
}

type request struct {
	Path        string
	ContentType string
	Body        []byte
	Bytes       int // the length of the answer's body
}

type result struct {
	Calls   int     `json:"calls"`
	Errors  int     `json:"errors"`
	Error   string  `json:"error"` // the first
	Seconds float64 `json:"seconds"`
	P50     float64 `json:"p50"` // of latencies, in ms
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
	CPU     float64 `json:"cpu"` // seconds that the process took
}

// check holds the length of an answer against what is expected.
func (j *job) check(length, want int) error {
	if length < want-j.Slack || length > want+j.Slack {
		return fmt.Errorf("%d bytes, not %d", length, want)
	}
	return nil
}

// A connection does calls: start begins one, and what comes of it goes to the tally.
type connection interface {
	start(at time.Time) error
	run()  // until there is nothing left to do
	stop() // begin no more calls
	close()
}

func main() {
	log.SetFlags(0)
	var j job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		log.Fatal(err)
	}
	r, err := do(&j)
	if err != nil {
		log.Fatal(err)
	}
	json.NewEncoder(os.Stdout).Encode(r)
}

func do(j *job) (*result, error) {
	t := &tally{job: j}
	connections := make([]connection, j.Connections)
	for i := range connections {
		c, err := dial(j, t)
		if err != nil {
			return nil, err
		}
		defer c.close()
		connections[i] = c
	}
	cpu := cpuSeconds(j.Pid)
	began := time.Now()
	t.end = began.Add(time.Duration(j.Seconds * float64(time.Second)))
	var running sync.WaitGroup
	for _, c := range connections {
		running.Go(c.run)
	}
	if j.Rate > 0 {
		go pace(j, t, connections, began)
	}
	running.Wait()
	r := t.result()
	r.Seconds = time.Since(began).Seconds()
	r.CPU = cpuSeconds(j.Pid) - cpu
	return r, nil
}

func dial(j *job, t *tally) (connection, error) {
	switch j.Protocol {
	case "grpc":
		return dialGRPC(j, t)
	case "http":
		return dialHTTP(j, t)
	}
	return nil, fmt.Errorf("no such protocol: %s", j.Protocol)
}

// pace begins calls when they are due. Latency counts from then, so that a stall is seen by all whom it delays.
func pace(j *job, t *tally, connections []connection, began time.Time) {
	for i := 0; ; i++ {
		due := began.Add(time.Duration(float64(i) / j.Rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		if err := connections[i%len(connections)].start(due); err != nil || !due.Before(t.end) {
			break
		}
	}
	for _, c := range connections {
		c.stop()
	}
}

// A tally is what all connections have done, and says whether there is more to do.
type tally struct {
	job       *job
	end       time.Time
	begun     atomic.Int64
	mutex     sync.Mutex
	latencies []time.Duration
	errors    int
	first     string
}

// next gives the request whose turn it is; false when the job is done.
func (t *tally) next(now time.Time) (int, bool) {
	n := t.begun.Add(1) - 1
	if t.job.Calls > 0 && n >= t.job.Calls || t.job.Calls == 0 && !now.Before(t.end) {
		return 0, false
	}
	return int(n % int64(len(t.job.Requests))), true
}

func (t *tally) done(latency time.Duration, err error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.latencies = append(t.latencies, latency)
	if err != nil {
		t.errors++
		if t.first == "" {
			t.first = err.Error()
		}
	}
}

func (t *tally) result() *result {
	r := &result{Calls: len(t.latencies), Errors: t.errors, Error: t.first}
	if r.Calls == 0 {
		return r
	}
	slices.Sort(t.latencies)
	at := func(share float64) float64 {
		return float64(t.latencies[int(share*float64(r.Calls-1))]) / float64(time.Millisecond)
	}
	r.P50, r.P99, r.Max = at(0.5), at(0.99), at(1)
	return r
}
