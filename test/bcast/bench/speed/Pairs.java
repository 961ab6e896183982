package bcast.bench.speed;

/** Measures two things by turns, so that what disturbs the machine disturbs both. */
final class Pairs {

    /** Pairs of each comparison. */
    static final int COUNT = 5;

    /** Something that can be measured. */
    interface Measurement {
        double measure() throws Exception;
    }

    final double[] ours;
    final double[] floor;

    private Pairs(int count) {
        ours = new double[count];
        floor = new double[count];
    }

    /** Measures pairs; who is first changes from pair to pair. */
    static Pairs of(Measurement ours, Measurement floor) throws Exception {
        return of(COUNT, ours, floor);
    }

    static Pairs of(int count, Measurement ours, Measurement floor) throws Exception {
        Pairs pairs = new Pairs(count);
        for (int i = 0; i < count; i++) {
            if (i % 2 == 0) {
                pairs.ours[i] = ours.measure();
                pairs.floor[i] = floor.measure();
            } else {
                pairs.floor[i] = floor.measure();
                pairs.ours[i] = ours.measure();
            }
        }
        return pairs;
    }
}
