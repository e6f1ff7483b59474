// Command listener is the smallest thing that Start can start: it answers every request with 404,
// and the provisioner's GET /capabilities, beside which it shows its environment. With the argument
// "broken" it ends at once and says why.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "broken" {
		fmt.Fprintln(os.Stderr, "listener: the database is on fire")
		os.Exit(3)
	}
	fmt.Println("listener: listening")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /capabilities", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"protocol": 1, "features": []string{}, "greeting": os.Getenv("GREETING")})
	})
	go func() { panic(http.ListenAndServe(":8081", mux)) }()
	panic(http.ListenAndServe(":3000", http.NotFoundHandler()))
}
