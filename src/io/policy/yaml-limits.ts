/** What the quick readers of YAML leave to the careful one, whatever it means. */

/** Tabs, other controls, a lone carriage return, a byte order mark, line separators, a directive, the end of a document. */
export const UNUSUAL =
  /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)|^%|^\.\.\./m

/** No policy is so deep; and recursion is bounded, whoever wrote it. */
export const MOST_DEPTH = 32
/** A key that is not marked by `?` ends within 1,024 characters (YAML 1.2, 7.4). */
export const LONGEST_KEY = 1000
/** Places are found by going through a mapping's keys. */
export const MOST_FIELDS = 100
