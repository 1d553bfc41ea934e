/** What the story promises, and which of it was not kept: its exit code rests on this. */
import { green, red, say } from './story.ts'

const broken: string[] = []

export function promise(sentence: string, kept: boolean): void {
  say(`${kept ? green('✓') : red('✗')} ${sentence}`)
  if (!kept) broken.push(sentence)
}

export const notKept = (): readonly string[] => broken
