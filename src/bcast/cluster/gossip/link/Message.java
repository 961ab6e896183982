package bcast.cluster.gossip.link;

import bcast.base.Metric;
import bcast.data.Hash128;
import java.util.List;
import java.util.Optional;

/** A message between two linked nodes. Each protocol has a sealed family of its own. */
public interface Message {

    /** Longest text in bytes of UTF-8: names of clusters, hosts and validators, reasons. */
    int MAX_TEXT_BYTES = 255;

    /** Most hashes in one message: 16 bytes each, so fewer than fill a frame. */
    int MAX_HASHES = 2_000;

    /** Records sent for one question, in bytes: enough to fill a link, little for a queue. */
    int ANSWER_BYTES = 512 * 1024;

    /** The counter of such messages sent; empty if they are not counted. */
    default Optional<Metric> sentCounter() {
        return Optional.empty();
    }

    /** A message whose answer costs work, so that a peer may send only some a second. */
    interface Question extends Message {}

    /** A message that names records by their hashes and holds nothing else. */
    interface HashList extends Message {
        /** At most {@link #MAX_HASHES}. */
        List<Hash128> hashes();
    }
}
