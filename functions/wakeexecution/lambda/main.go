// Command lambda is the function wakeexecution as AWS Lambda runs it.
package main

import (
	"fairlead/functions/wakeexecution"
	"fairlead/shared/edge/session"
)

func main() { session.Main(wakeexecution.New) }
