/** Values that are refused before anything is rendered, each with what Helm says of it. */
import { expect, test } from 'vitest'
import { template } from './helm.ts'
import { BY_CHECKS, BY_SCHEMA } from './refused-values.ts'

test.each([...BY_SCHEMA, ...BY_CHECKS])('%s is refused, with what to change', async (_, values, said) => {
  const { code, out, err } = await template(values)
  expect([code, out, err]).toEqual([1, '', expect.stringMatching(said)])
})
