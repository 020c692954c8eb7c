// Command rival is what the service is compared with: a server of grpc-go that knows the answers already, as messages,
// and encodes them anew for each call. It prints where it listens.
//
//	rival RECORDINGS
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "example.org/bench/gen/imagesource/v1"
)

// A recording is a request and the reply that the service gave to it, both encoded.
type recording struct {
	Method  string
	Request []byte
	Reply   []byte
}

type server struct {
	pb.UnimplementedImageSourceServiceServer
	menus      map[string]*pb.MenuImagesResponse
	prepulled  map[string]*pb.PrepulledImagesResponse
	tags       map[string]*pb.ImageForTagNameResponse
	references map[string]*pb.ImageForReferenceResponse
	mutex      sync.Mutex
	marks      map[mark]int64
}

type mark struct{ reference, node string }

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(file string) error {
	s := &server{
		menus:      map[string]*pb.MenuImagesResponse{},
		prepulled:  map[string]*pb.PrepulledImagesResponse{},
		tags:       map[string]*pb.ImageForTagNameResponse{},
		references: map[string]*pb.ImageForReferenceResponse{},
		marks:      map[mark]int64{},
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var recordings []recording
	if err := json.Unmarshal(text, &recordings); err != nil {
		return err
	}
	for _, r := range recordings {
		if err := s.learn(r); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := grpc.NewServer()
	pb.RegisterImageSourceServiceServer(server, s)
	return server.Serve(listener)
}

func (s *server) learn(r recording) error {
	switch r.Method {
	case "MenuImages":
		return keep(r, s.menus, &pb.MenuImagesRequest{}, &pb.MenuImagesResponse{}, (*pb.MenuImagesRequest).GetSource)
	case "PrepulledImages":
		return keep(r, s.prepulled, &pb.PrepulledImagesRequest{}, &pb.PrepulledImagesResponse{}, (*pb.PrepulledImagesRequest).GetSource)
	case "ImageForTagName":
		return keep(r, s.tags, &pb.ImageForTagNameRequest{}, &pb.ImageForTagNameResponse{}, (*pb.ImageForTagNameRequest).GetTagName)
	case "ImageForReference":
		return keep(r, s.references, &pb.ImageForReferenceRequest{}, &pb.ImageForReferenceResponse{}, (*pb.ImageForReferenceRequest).GetReference)
	}
	return nil // marks are answered, not remembered
}

func keep[Q, R proto.Message](r recording, kept map[string]R, request Q, reply R, key func(Q) string) error {
	if err := proto.Unmarshal(r.Request, request); err != nil {
		return err
	}
	kept[key(request)] = reply
	return proto.Unmarshal(r.Reply, reply)
}

func known[R any](kept map[string]R, key string) (R, error) {
	if reply, found := kept[key]; found {
		return reply, nil
	}
	var none R
	return none, status.Error(codes.NotFound, "not recorded")
}

func (s *server) MenuImages(_ context.Context, q *pb.MenuImagesRequest) (*pb.MenuImagesResponse, error) {
	return known(s.menus, q.GetSource())
}

func (s *server) PrepulledImages(_ context.Context, q *pb.PrepulledImagesRequest) (*pb.PrepulledImagesResponse, error) {
	return known(s.prepulled, q.GetSource())
}

func (s *server) ImageForTagName(_ context.Context, q *pb.ImageForTagNameRequest) (*pb.ImageForTagNameResponse, error) {
	return known(s.tags, q.GetTagName())
}

func (s *server) ImageForReference(_ context.Context, q *pb.ImageForReferenceRequest) (*pb.ImageForReferenceResponse, error) {
	return known(s.references, q.GetReference())
}

func (s *server) MarkPrepulled(_ context.Context, q *pb.MarkPrepulledRequest) (*pb.MarkPrepulledResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.marks[mark{q.GetReference(), q.GetNode()}] = q.GetSizeBytes()
	return &pb.MarkPrepulledResponse{Applied: true}, nil
}
