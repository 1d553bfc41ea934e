/** Every reason why nobody is signed in, and its sentence. */

export const LOGIN_REFUSALS = {
  'no-attempt': 'no sign-in was begun in this browser, or too long ago',
  'other-attempt': 'the answer belongs to a sign-in that was not begun in this browser',
  'other-issuer': 'the answer comes from another provider',
  'provider-refused': 'the provider refused to sign you in',
  'code-refused': 'the provider does not take the code: it was used before, or is not for this page',
  'bad-id-token': 'the ID token is not one that this provider signed for this sign-in',
  'no-role': 'this account was given no role here',
  'provider-down': 'the provider does not answer',
} as const

export type LoginRefusal = keyof typeof LOGIN_REFUSALS

/** `detail` is for the log: it holds no code and no token. */
export type Refused = { readonly refused: LoginRefusal; readonly detail: string }

export const refused = (refusal: LoginRefusal, detail: string): Refused => ({ refused: refusal, detail })
