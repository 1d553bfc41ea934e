/** HDFS paths that cannot be wrong: decoded once, strictly, and canonical. */

declare const canonical: unique symbol
/** A path that {@link canonicalize} accepted: absolute, no empty, dot or reserved segment, NFD kept as NFD. No other code can make one. */
export type HdfsPath = string & { readonly [canonical]: true }
