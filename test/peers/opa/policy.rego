# Who may read: `data.readers` is prefix → team → true, and the input names the directories above the path, so that each
# is one look-up however many rules there are.
package bench

default allow := false

allow if {
	some directory in input.directories
	data.readers[directory][input.team]
}
