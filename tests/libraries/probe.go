// Prints for each token of standard input its user, or "refused" and the reason.
package main

import (
	"bufio"
	"encoding/json"
	"os"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var token string
		if json.Unmarshal(lines.Bytes(), &token) != nil {
			os.Exit(1)
		}
		if claims, err := verify(token); err != nil {
			answers.Encode(map[string]string{"refused": err.Error()})
		} else {
			answers.Encode(map[string]interface{}{"for": claims["sub"]})
		}
	}
}
