// Command routes serves the guide on 127.0.0.1, with reflection: routes PORT.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"os"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	pb "routes/routespb"
)

type guide struct {
	pb.UnimplementedGuideServer
	places []*pb.Place

	mu    sync.Mutex
	notes map[[2]int32][]*pb.Note
}

func (g *guide) at(p *pb.Point) *pb.Place {
	for _, place := range g.places {
		if place.At.GetLatitude() == p.GetLatitude() && place.At.GetLongitude() == p.GetLongitude() {
			return place
		}
	}
	return nil
}

func (g *guide) GetPlace(_ context.Context, p *pb.Point) (*pb.Place, error) {
	if place := g.at(p); place != nil {
		return place, nil
	}
	return &pb.Place{At: p}, nil
}

func (g *guide) ListPlaces(r *pb.Rectangle, stream grpc.ServerStreamingServer[pb.Place]) error {
	if r.GetLow() == nil || r.GetHigh() == nil {
		return status.Error(codes.InvalidArgument, "low and high are required")
	}
	for _, place := range g.places {
		if within(place.At, r) {
			if err := stream.Send(place); err != nil {
				return err
			}
		}
	}
	return nil
}

func within(p *pb.Point, r *pb.Rectangle) bool {
	return between(p.GetLatitude(), r.Low.GetLatitude(), r.High.GetLatitude()) &&
		between(p.GetLongitude(), r.Low.GetLongitude(), r.High.GetLongitude())
}

func between(value, low, high int32) bool {
	return min(low, high) <= value && value <= max(low, high)
}

func (g *guide) Record(stream grpc.ClientStreamingServer[pb.Point, pb.Summary]) error {
	summary, last := &pb.Summary{}, (*pb.Point)(nil)
	for {
		point, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(summary)
		}
		if err != nil {
			return err
		}
		summary.Points++
		if g.at(point) != nil {
			summary.Places++
		}
		if last != nil {
			summary.Distance += distance(last, point)
		}
		last = point
	}
}

func distance(a, b *pb.Point) int64 {
	return apart(a.GetLatitude(), b.GetLatitude()) + apart(a.GetLongitude(), b.GetLongitude())
}

func apart(a, b int32) int64 {
	return max(int64(a), int64(b)) - min(int64(a), int64(b))
}

func (g *guide) Chat(stream grpc.BidiStreamingServer[pb.Note, pb.Note]) error {
	for {
		note, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, earlier := range g.left(note) {
			if err := stream.Send(earlier); err != nil {
				return err
			}
		}
	}
}

func (g *guide) left(note *pb.Note) []*pb.Note {
	key := [2]int32{note.GetAt().GetLatitude(), note.GetAt().GetLongitude()}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.notes[key] = append(g.notes[key], note)
	return append([]*pb.Note(nil), g.notes[key]...)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	pb.RegisterGuideServer(server, &guide{
		places: []*pb.Place{
			{Name: "Old mill", At: &pb.Point{Latitude: 407838351, Longitude: -746143763}},
			{Name: "Harbour", At: &pb.Point{}},
		},
		notes: map[[2]int32][]*pb.Note{},
	})
	healthpb.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	log.Fatal(server.Serve(listener))
}
