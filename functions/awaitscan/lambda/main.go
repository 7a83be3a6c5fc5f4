// The Lambda function of the state AwaitScan.
package main

import (
	"fairlead/functions/awaitscan"
	"fairlead/shared/edge/session"
)

func main() { session.Main(awaitscan.New) }
