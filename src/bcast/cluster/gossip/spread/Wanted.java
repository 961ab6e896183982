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

/** Tells which records, known by their hash alone, are worth asking for. */
public final class Wanted {

    private final Refusals<Hash128> refused;
    private final Retention retention;
    private final long maxSkewMs;

    Wanted(Refusals<Hash128> refused, NodeSettings settings) {
        this.refused = refused;
        this.retention = new Retention(settings.retentionMs());
        this.maxSkewMs = settings.maxSkewMs();
    }

    /**
     * Tells whether a record would not be refused, as far as its hash shows.
     *
     * @param hash its hash
     * @param now the time
     * @return whether it would not
     */
    public boolean acceptable(Hash128 hash, Now now) {
        return !retention.expired(hash.timestamp(), now.wallMs())
                && hash.timestamp() <= now.wallMs() + maxSkewMs
                && !refused.contains(hash, now.steadyMs());
    }

    /**
     * Picks the records that are neither held nor to be refused.
     *
     * @param store what is held
     * @param hashes hashes of records
     * @param now the time
     * @return those of them
     */
    public Set<Hash128> wanted(StoreView store, Collection<Hash128> hashes, Now now) {
        Set<Hash128> wanted = new HashSet<>();
        hashes.stream().filter(hash -> acceptable(hash, now)).forEach(wanted::add);
        wanted.removeAll(store.findAll(wanted).keySet());
        return wanted;
    }
}
