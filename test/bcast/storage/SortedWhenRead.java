package bcast.storage;

import bcast.data.Data;
import bcast.data.SipHash;
import java.util.Arrays;
import java.util.List;

/**
 * What {@link Bucket} is measured against: records that come late wait in a tail, and the next
 * reader sorts that and all that it overlaps. The sum of a part is made of all its records.
 */
final class SortedWhenRead {

    private final Sketch sketch = new Sketch(StoreView.PREFIX_CELLS);
    private Data[] records = {};
    private int size;
    private int sorted;

    void add(Data data, SipHash key) {
        if (size == records.length) {
            records = Arrays.copyOf(records, Math.max(8, size + (size >> 1)));
        }
        boolean inOrder = sorted == size
                && (size == 0 || Data.BY_TIME.compare(data(size - 1), data) <= 0);
        records[size++] = data;
        if (inOrder) {
            sorted = size;
        }
        sketch.toggle(data.hash(key), 1);
    }

    private Data data(int at) {
        return records[at];
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
        Arrays.sort(records, from, size, Data.BY_TIME);
    }
}
