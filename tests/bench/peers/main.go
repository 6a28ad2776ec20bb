// Command peers reads a feed with the libraries that other tools are built on, and prints the cost as JSON.
//
//	peers tags HOST/REPOSITORY CHECKS
//	peers index URL CHECKS
//
// The first check includes the start of the process. The others are checks of an unchanged feed; these libraries read
// it again. CPU time is that of the whole process, in seconds; memory is its peak, in KiB.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"helm.sh/helm/v3/pkg/repo"
)

type cost struct {
	FirstCPU  float64 `json:"firstCpu"`
	FirstWall float64 `json:"firstWall"`
	AgainCPU  float64 `json:"againCpu"`
	AgainWall float64 `json:"againWall"`
	PeakKiB   uint64  `json:"peakKib"`
	Versions  int     `json:"versions"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	started := time.Now()
	if len(os.Args) != 4 {
		return fmt.Errorf("usage: peers tags HOST/REPOSITORY CHECKS | index URL CHECKS")
	}
	checks, err := strconv.Atoi(os.Args[3])
	if err != nil {
		return err
	}
	check := tags
	if os.Args[1] == "index" {
		check = index
	}
	var took cost
	if took.Versions, err = check(os.Args[2]); err != nil {
		return err
	}
	took.FirstCPU, took.FirstWall = cpu(), time.Since(started).Seconds()
	before, again := cpu(), time.Now()
	for range checks {
		if _, err := check(os.Args[2]); err != nil {
			return err
		}
	}
	took.AgainCPU = (cpu() - before) / float64(max(checks, 1))
	took.AgainWall = time.Since(again).Seconds() / float64(max(checks, 1))
	if took.PeakKiB, err = peak(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(took)
}

// tags lists the tags of a repository, as `crane ls` does.
func tags(repository string) (int, error) {
	parsed, err := name.NewRepository(repository, name.Insecure)
	if err != nil {
		return 0, err
	}
	tags, err := remote.List(parsed)
	return len(tags), err
}

// index downloads an index into a file and loads it, as Helm does.
func index(url string) (int, error) {
	response, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	file, err := os.CreateTemp("", "index-*.yaml")
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	if _, err := io.Copy(file, response.Body); err != nil {
		return 0, err
	}
	loaded, err := repo.LoadIndexFile(file.Name())
	if err != nil {
		return 0, err
	}
	versions := 0
	for _, entries := range loaded.Entries {
		versions += len(entries)
	}
	return versions, nil
}

func cpu() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	seconds := func(time syscall.Timeval) float64 { return float64(time.Sec) + float64(time.Usec)/1e6 }
	return seconds(usage.Utime) + seconds(usage.Stime)
}

func peak() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			return strconv.ParseUint(strings.Fields(rest)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no VmHWM")
}
