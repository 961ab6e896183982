package bcast.cluster.gossip;

import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.repair.Repair;
import bcast.cluster.gossip.spread.Spread;
import bcast.eventbus.Event;
import java.util.Random;

/** Hands the events of the bus to the protocols, and repairs the loss of some. */
final class BusEvents {

    /** Events are lost again and again under load; the log repeats that no more often. */
    private static final long WARN_MISSED_MS = 10_000;

    private final Spread spread;
    private final Repair repair;
    private final Readiness readiness;
    private final Random random;
    private final Outbox out;
    private long warnMissedMs;

    BusEvents(Spread spread, Repair repair, Readiness readiness, Random random, Outbox out) {
        this.spread = spread;
        this.repair = repair;
        this.readiness = readiness;
        this.random = random;
        this.out = out;
    }

    void on(Event event, Now now) {
        if (event instanceof Event.Accepted accepted) {
            repair.accepted(accepted.data(), spread.accepted(accepted, now), now);
        } else if (event instanceof Event.Refused refused) {
            spread.refused(refused, now);
        } else if (event instanceof Event.Confirm confirm) {
            spread.confirm(confirm, now);
        } else if (event instanceof Event.Broadcast) {
            readiness.repeat();
            repair.wantSome(random);
        } else if (event instanceof Event.KeysChanged) {
            spread.keysChanged();
            repair.wantAll();
        }
        repair.goOn(now);
    }

    /** Events were lost. Peers get the records of these in other ways. */
    void missed(long count, Now now) {
        if (now.steadyMs() >= warnMissedMs) {
            warnMissedMs = now.steadyMs() + WARN_MISSED_MS;
            out.warn(count + " events were lost under load; peers are told all the same");
        }
        spread.forget();
        repair.missed();
    }
}
