// github.com/vishvananda/netlink on the corpus given as first argument. Run by bench/codec.ts.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
	_ "unsafe"

	"github.com/vishvananda/netlink"
)

//go:linkname deserializeRoute github.com/vishvananda/netlink.deserializeRoute
func deserializeRoute(m []byte) (netlink.Route, error)

//go:linkname parseAddr github.com/vishvananda/netlink.parseAddr
func parseAddr(m []byte) (netlink.Addr, int, error)

func main() {
	packed, err := os.ReadFile(os.Args[1])
	check(err)
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	check(err)
	all, err := io.ReadAll(reader)
	check(err)
	figures := map[string]float64{}
	figures["decode link"] = best(all, 16, func(body []byte) error {
		_, err := netlink.LinkDeserialize(nil, body)
		return err
	})
	figures["decode address"] = best(all, 20, func(body []byte) error {
		_, _, err := parseAddr(body)
		return err
	})
	figures["decode route"] = best(all, 24, func(body []byte) error {
		_, err := deserializeRoute(body)
		return err
	})
	text, err := json.Marshal(figures)
	check(err)
	fmt.Println(string(text))
}

// The nanoseconds that a message of one type takes, in the best of many passes.
func best(all []byte, kind uint16, read func([]byte) error) float64 {
	var bodies [][]byte
	for at := 0; at < len(all); {
		length := int(binary.LittleEndian.Uint32(all[at:]))
		if binary.LittleEndian.Uint16(all[at+4:]) == kind {
			bodies = append(bodies, all[at+16:at+length])
		}
		at += (length + 3) &^ 3
	}
	least := time.Hour
	for until := time.Now().Add(1500 * time.Millisecond); time.Now().Before(until); {
		start := time.Now()
		for _, body := range bodies {
			check(read(body))
		}
		least = min(least, time.Since(start))
	}
	return float64(least.Nanoseconds()) / float64(len(bodies))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
