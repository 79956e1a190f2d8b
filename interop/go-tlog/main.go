// Command go-tlog checks a log that Kanae wrote with the Go team's own
// implementation of signed notes and tiled logs (golang.org/x/mod/sumdb).
//
//	go-tlog VERIFIER-KEY LOG CHECKPOINTS
//
// LOG is a folder or base URL, CHECKPOINTS a folder of those saved while the log
// grew. It checks the signature of every checkpoint, the latest root from the
// tiles, the inclusion of every entry, and the consistency of every checkpoint
// with the next larger one; it prints one JSON line, and exits 1 on a refusal.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type source struct{ base string }

func (s source) get(path string) ([]byte, error) {
	if !strings.Contains(s.base, "://") {
		return os.ReadFile(filepath.Join(s.base, path))
	}
	response, err := http.Get(strings.TrimSuffix(s.base, "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 1<<25))
}

// Go names the height of its tiles (tile/8/0/000); tlog-tiles has one height only.
func tilePath(tile tlog.Tile) string { return strings.Replace(tile.Path(), "tile/8/", "tile/", 1) }

func (s source) Height() int                     { return 8 }
func (s source) SaveTiles([]tlog.Tile, [][]byte) {}
func (s source) ReadTiles(tiles []tlog.Tile) (all [][]byte, err error) {
	all = make([][]byte, len(tiles))
	for i := 0; i < len(tiles) && err == nil; i++ {
		all[i], err = s.get(tilePath(tiles[i]))
	}
	return all, err
}

func (s source) checkpoint(path string, verifier note.Verifier) (tree tlog.Tree, err error) {
	data, err := s.get(path)
	if err != nil {
		return tree, err
	}
	signed, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tree, fmt.Errorf("%s: %w", path, err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("%s is no checkpoint of %s: %q", path, verifier.Name(), signed.Text)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func check(key, log, checkpoints string) (latest tlog.Tree, saved int, err error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return latest, 0, err
	}
	from := source{log}
	if latest, err = from.checkpoint("checkpoint", verifier); err != nil {
		return latest, 0, err
	}
	// Checks every tile that it reads against the root.
	hashes := tlog.TileHashReader(latest, from)
	if root, err := tlog.TreeHash(latest.N, hashes); err != nil || root != latest.Hash {
		return latest, 0, fmt.Errorf("root from tiles: %v, %v", root, err)
	}
	var rest []byte
	for i := int64(0); i < latest.N; i++ {
		if i%256 == 0 {
			tile := tlog.Tile{H: 8, N: i / 256, W: 256}
			if left := latest.N - i; left < 256 {
				tile.W = int(left)
			}
			if rest, err = from.get(strings.Replace(tilePath(tile), "tile/0/", "tile/entries/", 1)); err != nil {
				return latest, 0, err
			}
		}
		if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
			return latest, 0, fmt.Errorf("the bundle ends within entry %d", i)
		}
		entry := rest[2 : 2+int(binary.BigEndian.Uint16(rest))]
		rest = rest[2+len(entry):]
		proof, err := tlog.ProveRecord(latest.N, i, hashes)
		if err != nil || tlog.CheckRecord(proof, latest.N, latest.Hash, i, tlog.RecordHash(entry)) != nil {
			return latest, 0, fmt.Errorf("entry %d is not the one in the tree: %v", i, err)
		}
		if last := i%256 == 255 || i == latest.N-1; last && len(rest) != 0 {
			return latest, 0, fmt.Errorf("the bundle goes on after entry %d", i)
		}
	}
	files, err := os.ReadDir(checkpoints)
	trees := []tlog.Tree{latest}
	for _, file := range files {
		tree, err := source{checkpoints}.checkpoint(file.Name(), verifier)
		if err != nil {
			return latest, 0, err
		}
		trees = append(trees, tree)
	}
	sort.Slice(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	for i, next := range trees[1:] {
		old := trees[i]
		proof, err := tlog.ProveTree(next.N, old.N, hashes)
		// The empty tree begins every tree; x/mod has no proof of that.
		if old.N > 0 && (err != nil || tlog.CheckTree(proof, next.N, next.Hash, old.N, old.Hash) != nil) {
			return latest, 0, fmt.Errorf("size %d does not continue size %d: %v", next.N, old.N, err)
		}
	}
	return latest, len(files), err
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: go-tlog VERIFIER-KEY LOG CHECKPOINTS")
		os.Exit(2)
	}
	latest, saved, err := check(os.Args[1], os.Args[2], os.Args[3])
	print := json.NewEncoder(os.Stdout).Encode
	if err != nil {
		print(map[string]any{"verified": false, "reason": err.Error()})
		os.Exit(1)
	}
	print(map[string]any{"verified": true, "size": latest.N, "checkpoints": saved})
}
