// Package bench holds what `npm run bench` needs that is written in Go: the generator of load, and the rival of the service.
// `go generate` makes gen/ from the contract.
package bench

//go:generate buf generate
