package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Large enough that the generator never holds an answer up.
const window = 1 << 30

// grpcConnection writes and reads the frames of gRPC itself.
type grpcConnection struct {
	job     *job
	tally   *tally
	conn    net.Conn
	reader  *bufio.Reader
	writer  *bufio.Writer
	framer  *http2.Framer
	block   bytes.Buffer
	encoder *hpack.Encoder
	decoder *hpack.Decoder
	status  string // of the headers that are being read

	mutex  sync.Mutex // of what follows, and of writing
	stream uint32
	calls  map[uint32]*call
	over   bool // no call is begun any more
	taken  uint32
}

type call struct {
	began  time.Time
	want   int
	bytes  int
	status string
}

func dialGRPC(j *job, t *tally) (connection, error) {
	conn, err := net.Dial("tcp", j.Address)
	if err != nil {
		return nil, err
	}
	c := &grpcConnection{job: j, tally: t, conn: conn, stream: 1, calls: map[uint32]*call{}}
	c.reader, c.writer = bufio.NewReaderSize(conn, 1<<18), bufio.NewWriterSize(conn, 1<<16)
	c.framer = http2.NewFramer(c.writer, c.reader)
	c.framer.SetReuseFrames()
	c.encoder = hpack.NewEncoder(&c.block)
	c.decoder = hpack.NewDecoder(4096, func(field hpack.HeaderField) {
		if field.Name == "grpc-status" || field.Name == "grpc-message" && c.status != "0" {
			c.status += field.Value
		}
	})
	c.writer.WriteString(http2.ClientPreface)
	c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: window})
	c.framer.WriteWindowUpdate(0, window)
	if err := c.writer.Flush(); err != nil {
		return nil, err
	}
	return c, c.read() // the server's settings
}

func (c *grpcConnection) close() { c.conn.Close() }

// stop ends a connection whose calls are begun by others: at once, or when those under way have ended.
func (c *grpcConnection) stop() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.over = true
	patience := 10 * time.Second
	if len(c.calls) == 0 {
		patience = 0
	}
	c.conn.SetReadDeadline(time.Now().Add(patience))
}

func (c *grpcConnection) run() {
	if c.job.Rate == 0 {
		for range c.job.Streams {
			c.start(time.Now())
		}
	}
	for {
		if c.reader.Buffered() == 0 {
			c.mutex.Lock()
			err := c.writer.Flush()
			isOver := c.over && len(c.calls) == 0
			c.mutex.Unlock()
			if isOver {
				return
			}
			if err != nil {
				c.fail(err)
				return
			}
		}
		if err := c.read(); err != nil {
			c.fail(err)
			return
		}
	}
}

// fail counts all calls that are under way as failed.
func (c *grpcConnection) fail(err error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.over = true
	for id, call := range c.calls {
		c.tally.done(time.Since(call.began), err)
		delete(c.calls, id)
	}
}

func (c *grpcConnection) start(at time.Time) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	turn, more := c.tally.next(at)
	if !more || c.over {
		c.over = true
		return nil
	}
	request := &c.job.Requests[turn]
	c.block.Reset()
	for _, field := range [...][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", request.Path}, {":authority", c.job.Address},
		{"te", "trailers"}, {"content-type", "application/grpc"}, {"user-agent", "load"},
	} {
		c.encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	c.calls[c.stream] = &call{began: at, want: request.Bytes}
	c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.stream, BlockFragment: c.block.Bytes(), EndHeaders: true})
	c.framer.WriteData(c.stream, true, request.Body)
	c.stream += 2
	if c.job.Rate > 0 {
		return c.writer.Flush()
	}
	return nil
}

// read takes one frame.
func (c *grpcConnection) read() error {
	frame, err := c.framer.ReadFrame()
	if err != nil {
		return err
	}
	id := frame.Header().StreamID
	c.mutex.Lock()
	defer c.mutex.Unlock()
	call := c.calls[id]
	switch frame := frame.(type) {
	case *http2.SettingsFrame:
		if !frame.IsAck() {
			c.framer.WriteSettingsAck()
			return c.writer.Flush()
		}
	case *http2.PingFrame:
		if !frame.IsAck() {
			return c.framer.WritePing(true, frame.Data)
		}
	case *http2.GoAwayFrame:
		return fmt.Errorf("GOAWAY %s", frame.ErrCode)
	case *http2.RSTStreamFrame:
		if call != nil {
			call.status = "RST_STREAM " + frame.ErrCode.String()
			c.finish(id, call)
		}
	case *http2.DataFrame:
		length := uint32(frame.Header().Length)
		if c.taken += length; c.taken > window/4 {
			c.framer.WriteWindowUpdate(0, c.taken)
			c.taken = 0
		}
		if call == nil {
			return fmt.Errorf("data of no call")
		}
		call.bytes += len(frame.Data())
		if frame.StreamEnded() {
			c.finish(id, call)
		}
	case *http2.HeadersFrame:
		c.status = ""
		if _, err := c.decoder.Write(frame.HeaderBlockFragment()); err != nil {
			return err
		}
		if call == nil || !frame.HeadersEnded() {
			return fmt.Errorf("headers of no call, or in parts")
		}
		call.status = c.status
		if frame.StreamEnded() {
			c.finish(id, call)
		}
	}
	return nil
}

// finish is called with the mutex held, which start takes too.
func (c *grpcConnection) finish(id uint32, call *call) {
	err := c.job.check(call.bytes, call.want)
	if call.status != "0" {
		err = fmt.Errorf("grpc-status %q", call.status)
	}
	delete(c.calls, id)
	c.tally.done(time.Since(call.began), err)
	if c.job.Rate == 0 {
		c.mutex.Unlock()
		c.start(time.Now())
		c.mutex.Lock()
	}
}
