package bcast.cluster.gossip.repair;

import bcast.cluster.gossip.link.Link;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.link.Outbox;
import bcast.cluster.gossip.spread.SpreadMessage;
import bcast.data.Data;
import bcast.data.Hash128;
import java.util.List;
import java.util.Map;

/** Sends the records of rounds. */
final class Records {

    /** More at once might be looked up in vain, since an answer is bounded in bytes. */
    private static final int LOOKED_UP_AT_ONCE = 256;

    private Records() {}

    /**
     * What was sent.
     *
     * @param served how many of the hashes were looked up, from the first one on
     * @param bytes length of the records that were found
     */
    record Pushed(int served, int bytes) {}

    /** Sends the records of some hashes, until an answer is long enough. */
    static Pushed push(Link link, List<Hash128> hashes, Outbox out) {
        int served = 0;
        int bytes = 0;
        while (served < hashes.size() && bytes < Message.ANSWER_BYTES) {
            List<Hash128> some = hashes.subList(served,
                    Math.min(hashes.size(), served + LOOKED_UP_AT_ONCE));
            Map<Hash128, Data> held = link.store().findAll(some);
            for (int i = 0; i < some.size() && bytes < Message.ANSWER_BYTES; i++, served++) {
                Data data = held.get(some.get(i));
                if (data != null) {
                    bytes += data.wireLength();
                    out.send(link.number(), new SpreadMessage.Push(data, 0, true));
                }
            }
        }
        return new Pushed(served, bytes);
    }
}
