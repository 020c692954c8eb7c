package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// httpConnection does one call after the other over HTTP/1.1. It keeps no rate.
type httpConnection struct {
	job    *job
	tally  *tally
	conn   net.Conn
	reader *bufio.Reader
	posts  [][]byte
}

func dialHTTP(j *job, t *tally) (connection, error) {
	if j.Rate > 0 {
		return nil, fmt.Errorf("no rate over HTTP")
	}
	conn, err := net.Dial("tcp", j.Address)
	if err != nil {
		return nil, err
	}
	c := &httpConnection{job: j, tally: t, conn: conn, reader: bufio.NewReaderSize(conn, 1<<18)}
	for _, r := range j.Requests {
		head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
			r.Path, j.Address, r.ContentType, len(r.Body))
		c.posts = append(c.posts, append([]byte(head), r.Body...))
	}
	return c, nil
}

func (c *httpConnection) start(time.Time) error { return nil }

func (c *httpConnection) stop() {}

func (c *httpConnection) close() { c.conn.Close() }

func (c *httpConnection) run() {
	for {
		began := time.Now()
		turn, more := c.tally.next(began)
		if !more {
			return
		}
		err := c.call(turn)
		c.tally.done(time.Since(began), err)
		if err != nil {
			return
		}
	}
}

func (c *httpConnection) call(turn int) error {
	if _, err := c.conn.Write(c.posts[turn]); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return err
	}
	length, err := io.Copy(io.Discard, response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return c.job.check(int(length), c.job.Requests[turn].Bytes)
}
