package health

import (
	"fmt"
	"slices"
	"strconv"
)

// The settings that are looked at, by the names that Redis gives them.
const (
	AppendOnly      = "appendonly"
	AppendFsync     = "appendfsync"
	RewriteFsync    = "no-appendfsync-on-rewrite"
	AOFWriteStatus  = "aof_last_write_status"
	MaxMemoryPolicy = "maxmemory-policy"
	ReplicaOf       = "replicaof"
	Replicas        = "replicas"
)

// Settings returns the names of all settings that [Inspect] looks at.
func Settings() []string {
	return []string{AppendOnly, AppendFsync, RewriteFsync, AOFWriteStatus, MaxMemoryPolicy, ReplicaOf, Replicas}
}

// Finding is a setting of one server, and what it costs.
type Finding struct {
	Setting string // one of [Settings]
	Server  string // its address
	Value   string
	Cost    string // what may be lost, and when
	Fix     string // what to do about it: a command, mostly
}

// String returns the finding in a sentence.
func (f Finding) String() string {
	return fmt.Sprintf("%s is %q on %s: %s; to change it: %s", f.Setting, f.Value, f.Server, f.Cost, f.Fix)
}

// persist says how a setting outlives a restart of Redis.
const persist = ", and CONFIG REWRITE (or the same line in redis.conf) to keep it so"

// judge returns what a server's settings risk, what is to be known of them
// though it is no risk, and which of them it does not tell.
func (s settings) judge(server string, want demand) (risks, notes []Finding, unknown []string) {
	risk := func(setting, value, cost, fix string) {
		risks = append(risks, Finding{setting, server, value, cost, fix})
	}
	tells := func(setting string, names ...string) bool {
		for _, name := range names {
			if _, told := s[name]; !told {
				unknown = append(unknown, setting)
				return false
			}
		}
		return true
	}

	appends := s["aof_enabled"] == "1"
	if tells(AppendOnly, "aof_enabled") && !appends {
		risk(AppendOnly, "no", "a crash or restart of Redis loses everything since its last snapshot, or everything if it takes none",
			"CONFIG SET appendonly yes"+persist)
	}
	if appends {
		if tells(AppendFsync, "appendfsync") {
			switch value := s["appendfsync"]; value {
			case "always":
			case "everysec":
				notes = append(notes, Finding{AppendFsync, server, value,
					"a crash of the machine, not of Redis alone, loses up to the last second", "CONFIG SET appendfsync always" + persist})
			default:
				risk(AppendFsync, value, "a crash of the machine loses what its kernel has not written to the disk by itself, up to half a minute",
					"CONFIG SET appendfsync everysec, or always"+persist)
			}
		}
		if tells(RewriteFsync, "no-appendfsync-on-rewrite") && s["no-appendfsync-on-rewrite"] == "yes" {
			risk(RewriteFsync, "yes", "while Redis rewrites its append-only file or saves a snapshot, a crash of the machine loses up to half a minute",
				"CONFIG SET no-appendfsync-on-rewrite no"+persist)
		}
		if status := s["aof_last_write_status"]; status != "" && status != "ok" {
			risk(AOFWriteStatus, status, "Redis cannot write its append-only file, and refuses writes or loses them at a restart",
				"see to the disk of the server (its log says more)")
		}
	}

	if tells(MaxMemoryPolicy, "maxmemory", "maxmemory_policy") && s["maxmemory"] != "0" {
		const fix = "CONFIG SET maxmemory-policy noeviction" + persist
		switch value := s["maxmemory_policy"]; value {
		case "noeviction":
		case "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl":
			risk(MaxMemoryPolicy, value, "with the memory full Redis throws away the marks by which a repeated request is recognized, "+
				"so that its success may turn into a 404", fix)
		default:
			risk(MaxMemoryPolicy, value, "with the memory full Redis throws away tracks, histories, keys of users and libraries: "+
				"false 404 and 401, and history that is lost for good", fix)
		}
	}

	if tells(ReplicaOf, "role") && s["role"] == "slave" {
		of := s["master_host"] + ":" + s["master_port"]
		risk(ReplicaOf, of, "it is a replica: it refuses writes, or, if it takes them, loses them when it next follows its master",
			"connect to its master, "+of+", or make it one: REPLICAOF NO ONE")
	}

	if tells(Replicas, "connected_slaves") {
		connected, err := strconv.Atoi(s["connected_slaves"])
		if err != nil {
			unknown = append(unknown, Replicas)
		}
		switch value := s["connected_slaves"]; {
		case err != nil:
		case connected < want.replicas:
			risk(Replicas, value, fmt.Sprintf("fewer replicas are connected than the %d that deletes wait for: they all fail", want.replicas),
				"see to the replicas (INFO replication lists those that are connected)")
		case want.replicas == 0 && want.failover && connected > 0:
			risk(Replicas, value, "a replica that takes over does not know what it had not received yet: acknowledged deletes come back",
				"let deletes wait for a replica, and CONFIG SET min-replicas-to-write 1"+persist)
		}
	}
	slices.Sort(unknown)
	return risks, notes, slices.Compact(unknown)
}
