package bcast.cluster.gossip.spread;

import bcast.cluster.gossip.link.NodeSettings;
import bcast.cluster.gossip.link.Now;
import bcast.cluster.gossip.link.Refusals;
import bcast.data.Hash128;
import bcast.data.Retention;
import bcast.storage.StoreView;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Which records are worth asking for, as their hashes show, which contain the timestamps. */
public final class Wanted {

    /** Most records remembered that were refused. */
    private static final int MAX_REFUSED = 16_384;

    private final Refusals<Hash128> refusals = new Refusals<>(MAX_REFUSED);
    private final Retention retention;
    private final long maxSkewMs;

    Wanted(NodeSettings settings) {
        this.retention = new Retention(settings.retentionMs());
        this.maxSkewMs = settings.maxSkewMs();
    }

    /** Records that are not to be asked for, whatever their timestamps. */
    Refusals<Hash128> refusals() {
        return refusals;
    }

    /** Whether this node would not refuse a record by its timestamp, nor refused it before. */
    public boolean acceptable(Hash128 hash, Now now) {
        return !retention.expired(hash.timestamp(), now.wallMs())
                && hash.timestamp() <= now.wallMs() + maxSkewMs
                && !refusals.contains(hash, now.steadyMs());
    }

    /** Those of some records that this node neither holds nor would refuse. */
    public Set<Hash128> lacking(StoreView store, Collection<Hash128> hashes, Now now) {
        Set<Hash128> lacking = new HashSet<>();
        hashes.stream().filter(hash -> acceptable(hash, now)).forEach(lacking::add);
        lacking.removeAll(store.findAll(lacking).keySet());
        return lacking;
    }
}
