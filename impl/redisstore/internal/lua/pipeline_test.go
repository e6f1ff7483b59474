package lua

import (
	"io"
	"net"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// A server that refuses the connection as such, whatever is asked, refuses every call of a pipeline.
func TestRefusedConnectionRefusesEveryCall(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{"WRONGPASS invalid username-password pair", "LOADING Redis is loading the dataset in memory", "ERR max number of clients reached"} {
		t.Run(refusal, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { listener.Close() })
			go func() {
				for {
					connection, err := listener.Accept()
					if err != nil {
						return
					}
					go func() {
						defer connection.Close()
						buffer := make([]byte, 4<<10)
						for {
							if _, err := connection.Read(buffer); err != nil {
								return
							}
							if _, err := io.WriteString(connection, "-"+refusal+"\r\n"); err != nil {
								return
							}
						}
					}()
				}
			}()
			client := redis.NewClient(&redis.Options{Addr: listener.Addr().String(), Username: "u", Password: "p", MaxRetries: -1, DialerRetries: 1, DisableIdentity: true})
			t.Cleanup(func() { client.Close() })
			script := NewScript("test", "return {'OK'}")
			for _, size := range []int{1, 3} {
				calls := make([]Call, size)
				for i := range calls {
					calls[i] = Call{Script: script, Keys: []string{"k"}}
				}
				for _, command := range pipeline(t.Context(), client, calls, Call.byName) {
					if got := track.CodeOf(Failure(command.Err())); got != track.Unavailable {
						t.Errorf("in a pipeline of %d: reply %v, error %v, which is %q", size, command.Val(), command.Err(), got)
					}
				}
			}
		})
	}
}
