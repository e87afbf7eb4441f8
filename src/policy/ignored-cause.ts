/** Why a call that was let through says nothing about its dependency. */
export type IgnoredCause =
  | 'cancelled'
  | 'deadlinePast'
  | 'clientStall'
  | 'consumerStall'
  | 'shortBudget'
  | 'requestNotSerializable'
  | 'requestTooLarge'
  | 'responseTooLarge'
  | 'responseNotParsable'
  | 'credentials'
  | 'classified'
  | 'notSent'
  | 'notJudged';
