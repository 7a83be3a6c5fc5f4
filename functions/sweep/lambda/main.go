// Command lambda is the function sweep as AWS Lambda runs it.
package main

import (
	"fairlead/functions/sweep"
	"fairlead/shared/edge/session"
)

func main() { session.Main(sweep.New) }
