// Command semver sorts the versions of its standard input with Masterminds/semver, as Helm does, newest first. Lines that
// are no versions are left out.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"

	"github.com/Masterminds/semver/v3"
)

func main() {
	var versions []*semver.Version
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if version, err := semver.NewVersion(lines.Text()); err == nil {
			versions = append(versions, version)
		}
	}
	sort.Sort(sort.Reverse(semver.Collection(versions)))
	for _, version := range versions {
		fmt.Println(version.Original())
	}
}
