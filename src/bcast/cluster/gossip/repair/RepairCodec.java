package bcast.cluster.gossip.repair;

import static bcast.cluster.gossip.link.Codec.control;
import static bcast.cluster.gossip.link.Codec.inOrder;

import bcast.cluster.gossip.link.Codec;
import bcast.cluster.gossip.link.Fields;
import bcast.cluster.gossip.link.Message;
import bcast.cluster.gossip.repair.RepairMessage.Answered;
import bcast.cluster.gossip.repair.RepairMessage.AskAll;
import bcast.cluster.gossip.repair.RepairMessage.AskCells;
import bcast.cluster.gossip.repair.RepairMessage.AskHashes;
import bcast.cluster.gossip.repair.RepairMessage.AskRecords;
import bcast.cluster.gossip.repair.RepairMessage.Cells;
import bcast.cluster.gossip.repair.RepairMessage.Compare;
import bcast.cluster.gossip.repair.RepairMessage.Differ;
import bcast.cluster.gossip.repair.RepairMessage.Done;
import bcast.cluster.gossip.repair.RepairMessage.Given;
import bcast.cluster.gossip.repair.RepairMessage.Hashes;
import bcast.cluster.gossip.repair.RepairMessage.Offer;
import bcast.cluster.gossip.repair.RepairMessage.Same;
import bcast.cluster.gossip.repair.RepairMessage.Summary;
import bcast.cluster.gossip.repair.RepairMessage.Taken;
import bcast.cluster.gossip.repair.RepairMessage.Want;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.data.Utf8;
import bcast.storage.Digest;
import bcast.storage.Position;
import bcast.storage.Sketch;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** How {@link RepairMessage}s travel. */
public final class RepairCodec {

    private static final int SPAN_BYTES = 2 * Long.BYTES;
    private static final int DIGEST_BYTES = Long.BYTES + Integer.BYTES + Hash128.BYTES;

    /** Timestamp, length of the id, and the longest id. */
    private static final int MAX_POSITION_BYTES = Long.BYTES + Short.BYTES + Data.MAX_ID_BYTES;

    /** One row a message. Those that end or list records do not overtake the records before. */
    public static final List<Codec<? extends RepairMessage>> ROWS = List.of(
            control(8, Compare.class, any -> Integer.BYTES + SPAN_BYTES + Sketch.Cell.BYTES,
                    RepairCodec::compare, in -> new Compare(in.getInt(), in.getLong(),
                            in.getLong(), cell(in))),
            control(9, Same.class, any -> 0, (to, same) -> { }, in -> new Same()),
            control(10, AskCells.class, any -> 3 * Integer.BYTES + SPAN_BYTES,
                    RepairCodec::askCells, in -> new AskCells(in.getInt(), in.getInt(),
                            in.getInt(), in.getLong(), in.getLong())),
            inOrder(11, Cells.class, cells -> Integer.BYTES + Short.BYTES
                    + Sketch.Cell.BYTES * cells.cells().size(),
                    (to, cells) -> Fields.list(to.putInt(cells.from()), cells.cells(),
                            RepairCodec::cell),
                    in -> new Cells(in.getInt(), Fields.list(in, RepairMessage.MAX_CELLS,
                            RepairCodec::cell))),
            control(12, Summary.class, summary -> SPAN_BYTES + Short.BYTES
                    + DIGEST_BYTES * summary.digests().size(),
                    (to, summary) -> Fields.list(to.putLong(summary.fromMs())
                            .putLong(summary.toMs()), summary.digests(), RepairCodec::digest),
                    in -> new Summary(in.getLong(), in.getLong(), Fields.list(in,
                            RepairMessage.MAX_DIGESTS, RepairCodec::digest))),
            control(13, Differ.class, differ -> Short.BYTES
                    + Long.BYTES * differ.buckets().size(),
                    (to, differ) -> Fields.list(to, differ.buckets(), ByteBuffer::putLong),
                    in -> new Differ(Fields.list(in, RepairMessage.MAX_DIGESTS,
                            ByteBuffer::getLong))),
            control(14, AskHashes.class, any -> MAX_POSITION_BYTES + Long.BYTES,
                    RepairCodec::askHashes, in -> new AskHashes(position(in), in.getLong())),
            inOrder(15, Hashes.class, hashes -> Short.BYTES + 1 + MAX_POSITION_BYTES
                    + Hash128.BYTES * hashes.hashes().size(),
                    RepairCodec::hashes, in -> new Hashes(Fields.hashes(in), next(in))),
            control(16, AskRecords.class, Fields::size,
                    (to, ask) -> Fields.hashes(to, ask.hashes()),
                    in -> new AskRecords(Fields.hashes(in))),
            control(17, AskAll.class, any -> MAX_POSITION_BYTES,
                    (to, ask) -> position(to, ask.after()), in -> new AskAll(position(in))),
            inOrder(18, Answered.class, answered -> Integer.BYTES + 1
                    + (answered.next().isPresent() ? MAX_POSITION_BYTES : 0),
                    (to, answered) -> next(to.putInt(answered.served()), answered.next()),
                    in -> new Answered(in.getInt(), next(in))),
            inOrder(19, Given.class, any -> 0, (to, given) -> { }, in -> new Given()),
            control(20, Taken.class, any -> 0, (to, taken) -> { }, in -> new Taken()),
            inOrder(21, Done.class, any -> Integer.BYTES,
                    (to, done) -> to.putInt(done.round()), in -> new Done(in.getInt())),
            control(30, Offer.class, Fields::size,
                    (to, offer) -> Fields.hashes(to, offer.hashes()),
                    in -> new Offer(Fields.hashes(in))),
            control(31, Want.class, want -> Short.BYTES + Short.BYTES * want.places().size(),
                    (to, want) -> Fields.list(to, want.places(),
                            (each, place) -> each.putShort(place.shortValue())),
                    in -> new Want(Fields.list(in, Message.MAX_HASHES,
                            each -> each.getShort() & 0xffff))));

    private RepairCodec() {}

    private static void compare(ByteBuffer to, Compare compare) {
        to.putInt(compare.round()).putLong(compare.fromMs()).putLong(compare.toMs());
        cell(to, compare.first());
    }

    private static void askCells(ByteBuffer to, AskCells ask) {
        to.putInt(ask.size()).putInt(ask.from()).putInt(ask.count());
        to.putLong(ask.fromMs()).putLong(ask.toMs());
    }

    private static void askHashes(ByteBuffer to, AskHashes ask) {
        position(to, ask.after());
        to.putLong(ask.toMs());
    }

    private static void hashes(ByteBuffer to, Hashes hashes) {
        Fields.hashes(to, hashes.hashes());
        next(to, hashes.next());
    }

    private static void cell(ByteBuffer to, Sketch.Cell cell) {
        Fields.hash(to, cell.sum());
        to.putInt(cell.check()).putInt(cell.count());
    }

    private static Sketch.Cell cell(ByteBuffer in) {
        return new Sketch.Cell(Fields.hash(in), in.getInt(), in.getInt());
    }

    private static void digest(ByteBuffer to, Digest digest) {
        to.putLong(digest.bucket()).putInt(digest.count());
        Fields.hash(to, digest.sum());
    }

    private static Digest digest(ByteBuffer in) {
        return new Digest(in.getLong(), in.getInt(), Fields.hash(in));
    }

    private static void next(ByteBuffer to, Optional<Position> next) {
        to.put((byte) (next.isPresent() ? 1 : 0));
        next.ifPresent(position -> position(to, position));
    }

    private static Optional<Position> next(ByteBuffer in) {
        return in.get() == 0 ? Optional.empty() : Optional.of(position(in));
    }

    private static void position(ByteBuffer to, Position position) {
        byte[] id = Utf8.encode(position.id());
        to.putLong(position.timestamp()).putShort((short) id.length).put(id);
    }

    private static Position position(ByteBuffer in) {
        long timestamp = in.getLong();
        int length = in.getShort() & 0xffff;
        return new Position(timestamp, Fields.utf8(in, length, Data.MAX_ID_BYTES));
    }
}
