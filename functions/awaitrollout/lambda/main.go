// Command lambda is the function awaitrollout as AWS Lambda runs it.
package main

import (
	"fairlead/functions/awaitrollout"
	"fairlead/shared/edge/session"
)

func main() { session.Main(awaitrollout.New) }
