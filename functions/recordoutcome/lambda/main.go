// Command lambda is the function recordoutcome as AWS Lambda runs it.
package main

import (
	"fairlead/functions/recordoutcome"
	"fairlead/shared/edge/session"
)

func main() { session.Main(recordoutcome.New) }
