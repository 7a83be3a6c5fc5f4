// Command lambda is the function judgerollout as AWS Lambda runs it.
package main

import (
	"fairlead/functions/judgerollout"
	"fairlead/shared/edge/session"
)

func main() { session.Main(judgerollout.New) }
