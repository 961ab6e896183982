package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link Order} is measured against: records that come late wait in a tail, and the next
 * reader sorts that and all that it overlaps. The sum of a part is made of all its records.
 */
final class SortedWhenRead {

    private record Entry(Data data, int handle) {}

    private final Chunks chunks;
    private final Sketch sketch = new Sketch(StoreView.PREFIX_CELLS);
    private int[] handles = {};
    private int size;
    private int sorted;

    SortedWhenRead(Chunks chunks) {
        this.chunks = chunks;
    }

    void add(int handle, Data data, SipHash key) {
        if (size == handles.length) {
            handles = Arrays.copyOf(handles, Math.max(8, size + (size >> 1)));
        }
        boolean inOrder = sorted == size
                && (size == 0 || Data.BY_TIME.compare(data(size - 1), data) <= 0);
        handles[size++] = handle;
        if (inOrder) {
            sorted = size;
        }
        sketch.toggle(data.hash(key), 1);
    }

    private Data data(int at) {
        return chunks.data(handles[at]);
    }

    void page(long fromMs, int limit, List<Data> page) {
        sort();
        for (int i = first(fromMs); i < size && page.size() < limit; i++) {
            page.add(data(i));
        }
    }

    void addTo(Sketch sum, long fromMs, SipHash key) {
        sort();
        for (int i = first(fromMs); i < size; i++) {
            sum.toggle(data(i).hash(key), 1);
        }
    }

    private int first(long fromMs) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (data(middle).timestamp() >= fromMs) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private void sort() {
        if (sorted == size) {
            return;
        }
        sort(sorted);
        Data first = data(sorted);
        int low = 0;
        int high = sorted;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Data.BY_TIME.compare(data(middle), first) > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        if (low < sorted) {
            sort(low);
        }
        sorted = size;
    }

    private void sort(int from) {
        Entry[] entries = new Entry[size - from];
        Arrays.setAll(entries, i -> new Entry(data(from + i), handles[from + i]));
        Arrays.sort(entries, (a, b) -> Data.BY_TIME.compare(a.data, b.data));
        for (int i = 0; i < entries.length; i++) {
            handles[from + i] = entries[i].handle;
        }
    }
}
