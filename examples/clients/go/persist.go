// Asking again, and reading why an answer failed. Only for calls that change nothing, such as the menu and lookups: such a
// call may have been answered where only the answer was lost.

package main

import (
	"context"
	"log"
	"math/rand/v2"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// Of one attempt. The service ends a lookup after 10 s.
	attemptTimeout = 12 * time.Second
	firstPause     = 100 * time.Millisecond
	longestPause   = 2 * time.Second
)

// persist asks again until it has an answer. It gives the last error when the time is over, or at once where waiting is
// of no use.
func persist[Request, Response any](
	ctx context.Context,
	patience time.Duration,
	call func(context.Context, Request, ...grpc.CallOption) (Response, error),
	request Request,
) (Response, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		attempt, done := context.WithTimeout(ctx, attemptTimeout)
		response, err := call(attempt, request)
		done()
		if err == nil || !passes(err) {
			return response, err
		}
		wait, asked := askedToWait(err)
		if !asked {
			wait = time.Duration(float64(pause) * (0.5 + rand.Float64())) // so that not all come at once
		}
		if end, _ := ctx.Deadline(); time.Now().Add(wait).After(end) {
			return response, err
		}
		log.Printf("waiting: %v", err)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return response, err
		}
	}
}

// passes says whether the same question can have an answer later.
func passes(err error) bool {
	if reason := reasonOf(err); reason != "" {
		_, asked := askedToWait(err)
		return reason == "NOT_READY" || asked
	}
	// How a connection ends that is refused, reset or broken off, or an attempt that was not answered in its time.
	code := status.Code(err)
	return code == codes.Unavailable || code == codes.DeadlineExceeded
}

// reasonOf is the reason that the service gives, a stable name. Empty where the error does not come from it.
func reasonOf(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, is := detail.(*errdetails.ErrorInfo); is && info.GetDomain() == "imagesource.v1" {
			return info.GetReason()
		}
	}
	return ""
}

// askedToWait is what the service says itself, where it or the registry is asked too much.
func askedToWait(err error) (time.Duration, bool) {
	for _, detail := range status.Convert(err).Details() {
		if info, is := detail.(*errdetails.RetryInfo); is {
			return info.GetRetryDelay().AsDuration(), true
		}
	}
	return 0, false
}
