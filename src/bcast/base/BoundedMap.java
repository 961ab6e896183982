package bcast.base;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map that forgets the entry that was added first when it has too many. For use by one thread.
 *
 * @param <K> the type of keys
 * @param <V> the type of values
 */
public final class BoundedMap<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1;

    private final int max;

    /**
     * An empty map.
     *
     * @param max most entries that are kept
     */
    public BoundedMap(int max) {
        this.max = max;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > max;
    }
}
