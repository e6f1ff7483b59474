package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// world is the data of a round: one organization, a maker of all tracks, somebody who saved some of
// them, and somebody of another organization. The tracks that are kept nobody may delete.
type world struct {
	organization string
	tracks, kept []string
}

const keptTracks = 20

func newWorld(organization string, tracks int) world {
	w := world{organization: organization}
	for i := range tracks + keptTracks {
		id := fmt.Sprintf("mtrack_%s_%05d", organization, i)
		if i < keptTracks {
			w.kept = append(w.kept, id)
		} else {
			w.tracks = append(w.tracks, id)
		}
	}
	return w
}

func (w world) user(role string) string { return "user_" + role + "_" + w.organization }
func (w world) key(role string) string  { return "ak_" + role + "_" + w.organization }

func (w world) path(track string) string {
	return "/v1/music/" + w.organization + "/tracks/" + track
}

const created = "2026-06-28T10:30:00Z"

// write writes the world in the import format.
func (w world) write(name string) error {
	var out bytes.Buffer
	other := w.organization + "_other"
	fmt.Fprintf(&out, `{"organization":{"id":%q}}`+"\n"+`{"organization":{"id":%q}}`+"\n", w.organization, other)
	for role, organization := range map[string]string{"maker": w.organization, "saver": w.organization, "stranger": other} {
		fmt.Fprintf(&out, `{"user":{"id":%q,"member_of":[%q],"keys":[{"secret":%q}]}}`+"\n", w.user(role), organization, w.key(role))
	}
	for i, id := range append(w.kept[:len(w.kept):len(w.kept)], w.tracks...) {
		fmt.Fprintf(&out, `{"track":{"id":%q,"organization_id":%q,"creator":%q,"engine":"studio","mode":"creation","licence_class":"unclear","created_at":%q}}`+"\n",
			id, w.organization, w.user("maker"), created)
		if i < keptTracks || i%4 == 0 {
			fmt.Fprintf(&out, `{"save":{"organization_id":%q,"track_id":%q,"user":%q,"saved_at":%q}}`+"\n", w.organization, id, w.user("saver"), created)
		}
		fmt.Fprintf(&out, `{"event":{"organization_id":%q,"track_id":%q,"seq":1,"type":"track.created","at":%q,"actor":%q}}`+"\n", w.organization, id, created, w.user("maker"))
		fmt.Fprintf(&out, `{"event":{"organization_id":%q,"track_id":%q,"seq":2,"type":"track.billed","at":%q,"actor":%q,"amount":"0.10","currency":"CHF"}}`+"\n",
			w.organization, id, created, w.user("maker"))
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

// command returns a command of mtrackd on the Redis behind a URL.
func (s settings) command(ctx context.Context, url string, words ...string) *exec.Cmd {
	return exec.CommandContext(ctx, s.server, append(words, "--redis", url)...)
}

// store imports the world.
func (w world) store(ctx context.Context, s settings, url string) error {
	file := filepath.Join(s.work, w.organization+".jsonl")
	if err := w.write(file); err != nil {
		return err
	}
	if out, err := s.command(ctx, url, "import", file).CombinedOutput(); err != nil {
		return fmt.Errorf("mtrackd import: %w\n%s", err, lastLines(out))
	}
	return nil
}

// stored is what an export says of a track.
type stored struct {
	deleted bool
	events  []storedEvent
	savers  []string
}

type storedEvent struct {
	Type, Actor string
}

// deletions returns how often the history says that the track was deleted.
func (t *stored) deletions() (n int) {
	for _, e := range t.events {
		if e.Type == "track.deleted" {
			n++
		}
	}
	return n
}

// export returns all tracks of the Redis behind a URL, by id.
func export(ctx context.Context, s settings, url string) (map[string]*stored, error) {
	var problems bytes.Buffer
	command := s.command(ctx, url, "export", "-")
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("mtrackd export: %w\n%s", err, lastLines(problems.Bytes()))
	}
	return parseExport(out)
}

func parseExport(out []byte) (map[string]*stored, error) {
	all := make(map[string]*stored)
	of := func(id string) *stored {
		if all[id] == nil {
			all[id] = &stored{}
		}
		return all[id]
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var record struct {
			Track *struct {
				ID        string
				DeletedAt string `json:"deleted_at"`
			}
			Event *struct {
				storedEvent
				Track string `json:"track_id"`
			}
			Save *struct {
				User  string
				Track string `json:"track_id"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
			return nil, fmt.Errorf("an export holds a line that is no record: %w", err)
		}
		switch {
		case record.Track != nil:
			of(record.Track.ID).deleted = record.Track.DeletedAt != ""
		case record.Event != nil:
			t := of(record.Event.Track)
			t.events = append(t.events, record.Event.storedEvent)
		case record.Save != nil:
			t := of(record.Save.Track)
			t.savers = append(t.savers, record.Save.User)
		}
	}
	return all, lines.Err()
}

// lastLines returns the end of what a program wrote, for an error.
func lastLines(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}
