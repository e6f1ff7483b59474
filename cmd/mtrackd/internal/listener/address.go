package listener

import (
	"net"
	"strings"
)

// IsAddress reports whether an address has the form HOST:PORT. Whether this
// machine has it, opening it will tell.
func IsAddress(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = net.LookupPort("tcp", port)
	return err == nil
}

// IsLoopback reports whether only this machine can reach an address of the
// form HOST:PORT. An empty host is every interface.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
