// GC as a runtime asks libcni for it: `gc NETWORK_FOLDER NETWORK [CONTAINER/INTERFACE...]` keeps the attachments that are named.
// cnitool cannot: its own gc names none at all. Plugins are looked for in CNI_PATH.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/containernetworking/cni/libcni"
	"github.com/containernetworking/cni/pkg/types"
)

func main() {
	list, err := libcni.LoadConfList(os.Args[1], os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var valid []types.GCAttachment
	for _, each := range os.Args[3:] {
		id, ifname, _ := strings.Cut(each, "/")
		valid = append(valid, types.GCAttachment{ContainerID: id, IfName: ifname})
	}
	cni := libcni.NewCNIConfig(filepath.SplitList(os.Getenv("CNI_PATH")), nil)
	if err := cni.GCNetworkList(context.Background(), list, &libcni.GCArgs{ValidAttachments: valid}); err != nil {
		log.Fatal(err)
	}
}
