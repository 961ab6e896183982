package bcast.eventbus;

/** Why a record was not stored. Only {@link #INVALID} is the fault of a peer that sent it. */
public enum Refusal {
    /** The same record is stored already. */
    EXISTS,
    /** A client sent other texts under an id that is taken. */
    CONFLICT,
    /** A peer's record loses against the stored one by the merge rule. */
    LOST,
    /** The validator does not accept it. */
    INVALID,
    /** The validator has no key for it; other nodes may have one. */
    UNTRUSTED,
    /** It is older than the retention. */
    EXPIRED,
    /** Its timestamp is too far ahead of this node's clock. */
    FUTURE,
    /** The store has no room. */
    FULL,
    /** This node must not accept records now. */
    BUSY
}
