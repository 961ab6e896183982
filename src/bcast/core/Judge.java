package bcast.core;

import bcast.base.Clock;
import bcast.base.Context;
import bcast.base.Counters;
import bcast.base.Log;
import bcast.base.LoggedTexts;
import bcast.base.Metric;
import bcast.data.Data;
import bcast.data.Retention;
import bcast.eventbus.Event;
import bcast.eventbus.EventBus;
import bcast.eventbus.Refusal;
import bcast.eventbus.Source;
import bcast.storage.Storage;
import bcast.validator.Validator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Decides what becomes of a record, and stores what is accepted. Safe for use by any thread. */
final class Judge {

    static final Metric REPLACED = Metric.counter("bcast_records_replaced_total",
            "Stored records that lost against another of the same id.");
    static final Metric VALIDATOR_FAILED = Metric.counter("bcast_validator_failures_total",
            "Records refused because the validator failed to judge them.");

    private static final int MAX_ID_CHARS_LOGGED = 80;

    private final Validator validator;
    private final String validatorName;
    private final Storage storage;
    private final Retention retention;
    private final long maxSkewMs;
    private final EventBus bus;
    private final Clock clock;
    private final Log log;
    private final Counters counters;
    private final LoggedTexts failures = new LoggedTexts();

    Judge(Validator validator, Storage storage, long maxSkewMs, EventBus bus, Context context) {
        this.validator = validator;
        this.validatorName = validator.name();
        this.storage = storage;
        this.retention = new Retention(storage.retentionMs());
        this.maxSkewMs = maxSkewMs;
        this.bus = bus;
        this.clock = context.clock();
        this.log = context.log();
        this.counters = context.counters();
        counters.declare(List.of(REPLACED, VALIDATOR_FAILED));
    }

    /** Stores a valid record of a client with the time of now, if its id is free. */
    Outcome fromClient(Data data) {
        return ifValid(data, this::add);
    }

    private Outcome add(Data valid) {
        Data dated = valid.withTimestamp(clock.wallMs());
        Storage.Change change = storage.add(dated);
        if (change instanceof Storage.Change.Added added) {
            return new Outcome.Accepted(added.stored());
        }
        if (change instanceof Storage.Change.Kept kept) {
            return kept.held().sameTexts(dated) ? new Outcome.Exists(kept.held())
                    : new Outcome.Refused(Refusal.CONFLICT, "Different raw data with same id");
        }
        return new Outcome.Refused(Refusal.FULL, "The store is full");
    }

    /** Stores a valid record of a peer, unless it is too old or another one wins. */
    Outcome fromPeer(Data data, Source from) {
        long nowMs = clock.wallMs();
        if (retention.expired(data.timestamp(), nowMs)) {
            return new Outcome.Refused(Refusal.EXPIRED, "expired");
        }
        if (data.timestamp() > nowMs + maxSkewMs) {
            return new Outcome.Refused(Refusal.FUTURE, "dated too far ahead");
        }
        return ifValid(data, valid -> merge(valid, from));
    }

    private Outcome merge(Data valid, Source from) {
        Storage.Change change = storage.merge(valid);
        if (change instanceof Storage.Change.Added added) {
            return new Outcome.Accepted(added.stored());
        }
        if (change instanceof Storage.Change.Replaced replaced) {
            replaced(valid, replaced.loser(), from);
            return new Outcome.Accepted(replaced.stored());
        }
        if (change instanceof Storage.Change.Kept kept) {
            return kept.held().equals(valid) ? new Outcome.Exists(kept.held())
                    : new Outcome.Refused(Refusal.LOST, "another record wins");
        }
        return new Outcome.Refused(Refusal.FULL, "the store is full");
    }

    private void replaced(Data winner, Data loser, Source from) {
        if (winner.sameTexts(loser)) {
            // A client posted to two nodes at the same time: only a timestamp is lost.
            log.debug("id \"" + winner.id() + "\" was posted twice");
            return;
        }
        counters.count(REPLACED);
        String id = winner.id();
        String shown = id.length() <= MAX_ID_CHARS_LOGGED ? id
                : id.substring(0, MAX_ID_CHARS_LOGGED) + "…";
        log.warn("conflict on id \"" + shown + "\": the record of " + loser.timestamp()
                + " with signature " + loser.signature() + " is replaced by that of "
                + winner.timestamp() + " with signature " + winner.signature() + " from " + from);
        bus.publish(new Event.Replaced(winner, loser, from));
    }

    // ---- calls of the validator, which may be the user's own and fail

    /**
     * Stores the canonical form of a genuine record. No record may end a thread: even if memory
     * runs out, only this record is refused, since a validator changes no state of the node.
     */
    private Outcome ifValid(Data data, Function<Data, Outcome> store) {
        Validator.Verdict verdict;
        try {
            verdict = verdict(data);
        } catch (OutOfMemoryError e) {
            verdict = failed(e);
        }
        if (verdict instanceof Validator.Verdict.Valid valid) {
            return store.apply(valid.canonical());
        }
        if (verdict instanceof Validator.Verdict.Invalid invalid) {
            return new Outcome.Refused(Refusal.INVALID, "Invalid data: " + invalid.why());
        }
        if (verdict instanceof Validator.Verdict.Untrusted untrusted) {
            return new Outcome.Refused(Refusal.UNTRUSTED, "Invalid data: " + untrusted.why());
        }
        return new Outcome.Refused(Refusal.BUSY, "The validator failed to judge it");
    }

    /** See {@link Core#genuine}. */
    Optional<Data> genuine(Data data) {
        return verdict(data) instanceof Validator.Verdict.Valid valid
                ? Optional.of(valid.canonical()) : Optional.empty();
    }

    /** Returns null if the validator failed. */
    private Validator.Verdict verdict(Data data) {
        try {
            return Objects.requireNonNull(validator.check(data), "no verdict");
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            return failed(e);
        }
    }

    private Validator.Verdict failed(Throwable e) {
        counters.count(VALIDATOR_FAILED);
        log.log(failures.level(e.getClass().getName(), Log.Level.ERROR),
                "validator " + validatorName + " failed: " + e + "; the record is refused");
        return null;
    }
}
