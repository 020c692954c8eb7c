// Command spawner is a spawner in a terminal: it shows the menu, takes a choice and prints the pod to start. It starts
// nothing.
//
//	go generate && go build
//	IMAGE_SOURCE_ADDRESS=127.0.0.1:50051 ./spawner
//
// The menu and all remarks go to stderr; stdout has the pod alone.
package main

//go:generate buf generate

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	imagesourcev1 "example.org/spawner/gen/imagesource/v1"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background(), os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	patience, err := time.ParseDuration(env("IMAGE_SOURCE_PATIENCE", "60") + "s")
	if err != nil {
		return err
	}
	source, err := OpenImageSource(env("IMAGE_SOURCE_ADDRESS", "127.0.0.1:50051"), patience)
	if err != nil {
		return err
	}
	defer source.Close()
	image, err := choose(ctx, source, bufio.NewScanner(in))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(podFor("alice", image))
}

// choose asks until an image is chosen that is there.
func choose(ctx context.Context, source *ImageSource, lines *bufio.Scanner) (*imagesourcev1.Image, error) {
	for {
		menu, err := source.Menu(ctx)
		if err != nil {
			return nil, err
		}
		chosen, err := ask(menu, lines)
		if err != nil {
			return nil, err
		}
		image, err := source.Resolve(ctx, chosen.GetReference())
		switch reasonOf(err) {
		case "DIGEST_MISMATCH": // another image has the name now: the person decides, with the new menu
			log.Print("This tag has moved since the menu was made. Here is the menu of now.")
		case "UNKNOWN_IMAGE": // deleted since
			log.Print("This image is not there any more. Choose another one.")
		default:
			return image, err
		}
	}
}

// ask gives the entry that the person names by its tag.
func ask(menu []*imagesourcev1.MenuImage, lines *bufio.Scanner) (*imagesourcev1.MenuImage, error) {
	byTag := make(map[string]*imagesourcev1.MenuImage, len(menu))
	for _, image := range menu {
		byTag[image.GetTag()] = image
		log.Print(line(image))
	}
	for {
		log.Print("Which tag?")
		if !lines.Scan() {
			return nil, errors.Join(errors.New("nothing was chosen"), lines.Err())
		}
		tag := strings.TrimSpace(lines.Text())
		if chosen, found := byTag[tag]; found {
			return chosen, nil
		}
		log.Printf("The menu has no %s.", tag)
	}
}

func line(image *imagesourcev1.MenuImage) string {
	var remarks []string
	if image.GetRecommended() {
		remarks = append(remarks, "recommended")
	}
	if image.GetPrepulled() {
		remarks = append(remarks, "starts at once")
	}
	text := fmt.Sprintf("  %s: %s", image.GetTag(), image.GetName())
	if len(remarks) > 0 {
		text += " (" + strings.Join(remarks, ", ") + ")"
	}
	return text
}

func env(name, otherwise string) string {
	if value, found := os.LookupEnv(name); found {
		return value
	}
	return otherwise
}
