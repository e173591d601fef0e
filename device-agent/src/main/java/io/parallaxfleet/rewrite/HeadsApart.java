package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.List;
import java.util.Optional;

/**
 * Transpositions around attention that leave or enter the blocked layout as they go. Rows of N heads of size d lie blocked as
 * [N, d/b, rows, b], so that [N, rows, d] and [N, d, rows] are one transposition away, as they were from plain rows. For a batch of one.
 */
final class HeadsApart {
    private static final List<Long> APART = List.of(0L, 2L, 1L, 3L);
    private static final List<Long> APART_TRANSPOSED = List.of(0L, 2L, 3L, 1L);
    private static final List<Long> BLOCKS_TRANSPOSED = List.of(0L, 1L, 3L, 2L);

    private final GraphEditor graph;
    private final long block;

    HeadsApart(GraphEditor graph, long block) {
        this.graph = graph;
        this.block = block;
    }

    /**
     * Replaces a Reshape into heads, and the Transposes that alone read it.
     *
     * @param blocked the rows
     * @param length of a row
     * @return false, and nothing done, where it is something else
     */
    boolean takeApart(NodeProto reshape, String blocked, long length) {
        String cut = reshape.getOutput(0);
        Optional<List<Long>> shape = heads(cut).filter(found -> found.get(2) * found.get(3) == length);
        List<NodeProto> readers = graph.readers(cut);
        if (shape.isEmpty() || graph.isOutput(cut) || readers.isEmpty()
                || !readers.stream().allMatch(reader -> isTranspose(reader, APART) || isTranspose(reader, APART_TRANSPOSED))) {
            return false;
        }
        long rows = shape.get().get(1);
        long heads = shape.get().get(2);
        long size = shape.get().get(3);
        String blocks = graph.fresh("heads");
        graph.reshape(blocked, List.of(heads, size / block, rows, block), blocks);
        graph.remove(reshape);
        for (NodeProto transpose : readers) {
            boolean apart = isTranspose(transpose, APART);
            graph.remove(transpose);
            graph.reshape(transposed(blocks, apart ? APART : BLOCKS_TRANSPOSED),
                    apart ? List.of(1L, heads, rows, size) : List.of(1L, heads, size, rows), transpose.getOutput(0));
        }
        return true;
    }

    /**
     * Rows that are heads brought together, in blocked layout; empty where they are something else.
     *
     * @param length of a row
     */
    Optional<String> merged(String rows, long length) {
        Optional<NodeProto> transpose = graph.writer(rows)
                .filter(reshape -> NodeReading.isStandard(reshape, "Reshape"))
                .flatMap(reshape -> graph.writer(reshape.getInput(0)))
                .filter(found -> isTranspose(found, APART));
        return transpose.flatMap(found -> heads(found.getOutput(0))).filter(shape -> shape.get(2) * shape.get(3) == length).map(shape -> {
            long count = shape.get(1);
            long heads = shape.get(2);
            long blocks = shape.get(3) / block;
            String cut = graph.fresh("heads");
            graph.reshape(transpose.get().getInput(0), List.of(heads, count, blocks, block), cut);
            String pixels = graph.fresh("pixels");
            graph.reshape(transposed(cut, APART), List.of(1L, heads * shape.get(3), count, 1L), pixels);
            return pixels;
        });
    }

    /** One batch of rows of heads of whole blocks: 1 x rows x N x d. */
    private Optional<List<Long>> heads(String tensor) {
        return graph.type(tensor).map(TensorType::dimensions)
                .filter(shape -> shape.size() == 4 && shape.get(0) == 1 && shape.get(3) % block == 0 && shape.get(1) > 0);
    }

    private String transposed(String tensor, List<Long> axes) {
        String result = graph.fresh("transposed");
        graph.add(NodeProto.newBuilder().setOpType("Transpose").setName(graph.fresh("Transpose")).addInput(tensor).addOutput(result)
                .addAttribute(NodeReading.attribute("perm", axes)).build());
        return result;
    }

    private static boolean isTranspose(NodeProto node, List<Long> axes) {
        return NodeReading.isStandard(node, "Transpose") && NodeReading.integers(node, "perm").equals(axes);
    }
}
