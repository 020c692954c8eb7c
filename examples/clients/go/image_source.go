// The two questions that a spawner has for image-source, each asked until it is answered or its time is over. What an
// answer means for the person who waits is not decided here.

package main

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	imagesourcev1 "example.org/spawner/gen/imagesource/v1"
)

// ImageSource is the service at an address.
type ImageSource struct {
	connection *grpc.ClientConn
	client     imagesourcev1.ImageSourceServiceClient
	patience   time.Duration
}

// OpenImageSource connects when the first question is asked, and anew where the connection was lost. The patience is how
// long a question may take, with all its attempts: longer than a restart of the service does.
func OpenImageSource(address string, patience time.Duration) (*ImageSource, error) {
	reconnect := grpc.ConnectParams{Backoff: backoff.DefaultConfig, MinConnectTimeout: attemptTimeout}
	reconnect.Backoff.MaxDelay = longestPause // the default is two minutes
	connection, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(reconnect),
		// A connection may lead nowhere without a word.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}))
	if err != nil {
		return nil, err
	}
	return &ImageSource{connection, imagesourcev1.NewImageSourceServiceClient(connection), patience}, nil
}

// Menu gives the images to show, in the order to show them.
func (source *ImageSource) Menu(ctx context.Context) ([]*imagesourcev1.MenuImage, error) {
	response, err := persist(ctx, source.patience, source.client.MenuImages, &imagesourcev1.MenuImagesRequest{})
	return response.GetImages(), err
}

// Resolve gives what was chosen as it is now: with its digest.
func (source *ImageSource) Resolve(ctx context.Context, reference string) (*imagesourcev1.Image, error) {
	request := &imagesourcev1.ImageForReferenceRequest{Reference: reference}
	response, err := persist(ctx, source.patience, source.client.ImageForReference, request)
	return response.GetImage(), err
}

// Close ends the connection.
func (source *ImageSource) Close() error { return source.connection.Close() }
