package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Pointwise.Step;
import java.util.List;
import java.util.Objects;

/**
 * Writes the kernel behind matrix products, convolutions and poolings: a tile of {@code rows} output rows by {@code vectors}
 * vectors of neighbouring positions is kept in registers while the inner dimension and the taps are walked.
 *
 * <p>{@code C[z, m, p] = post(Σ_k Σ_t A[m, k, t] · B[z, k, tap(t) + p])}. A convolution reads B from a frame (see
 * {@code frame} in rows.cl) in which every tap of the filter is a constant offset. The position {@code p} is either a line and
 * a column, or flat over lines of {@code pitch}, of which the first {@code width} columns are kept; the flat form wastes less
 * on narrow planes.
 *
 * @param width floats in a vector
 * @param rows register rows
 * @param vectors register vectors
 * @param packedRows whether A is packed as {@code [block][k][t][rows]}; else it is strided, its rows clamped to the last
 * @param taps whether there are taps beside the first
 * @param flat whether positions are flat
 * @param combine what happens to a product or an element
 */
record TileKernel(int width, int rows, int vectors, boolean packedRows, boolean taps, boolean flat, Combine combine) {
    /** The inner operation. */
    enum Combine {
        MULTIPLY_ADD,
        MAXIMUM,
        SUM
    }

    /** How an operand of the following steps lies beside the result. */
    enum Role {
        /** Shaped as the result. */
        FULL,
        /** One value for each row. */
        ROW,
        /** One plane of positions, the same for all rows. */
        PLANE
    }

    TileKernel {
        Objects.requireNonNull(combine, "combine");
        if (rows < 1 || vectors < 1 || width * vectors > DeviceTraits.SLACK_FLOATS / 2) {
            throw new IllegalArgumentException("a tile of " + rows + " x " + vectors + " vectors of " + width + " is out of range");
        }
    }

    /** Positions of one tile. */
    int positions() {
        return width * vectors;
    }

    /** The kernel. @param roles of the operands of the steps, in order */
    KernelSource source(Pointwise post, List<Role> roles) {
        int all = post.steps().size();
        // In the flat form lanes of one vector may lie in two lines: what needs positions is done lane by lane when storing.
        int split = flat ? firstPositionedStep(post, roles) : all;
        StringBuilder text = new StringBuilder(signature(roles.size())).append(walk());
        // From here on loops, not registers by name: the steps are compiled once and not for every register.
        text.append("  const FV results[").append(rows * vectors).append("] = {");
        for (int i = 0; i < rows * vectors; i++) {
            text.append(i == 0 ? "" : ", ").append("acc").append(i / vectors).append('_').append(i % vectors);
        }
        text.append("};\n  const int row_count = min(").append(rows).append(", rows - m0);\n")
                .append("  for (int r = 0; r < row_count; r++) {\n    const int m = m0 + r, row = (z % a_cycle) * rows + m;\n")
                .append("    float lanes[").append(positions()).append("];\n");
        text.append(flat
                ? "    for (int n = 0; n < " + vectors + "; n++) {\n"
                : "    for (int n = 0; n * VEC < count; n++) {\n");
        text.append("      FV v = results[r * ").append(vectors).append(" + n];\n")
                .append("      const int plane = line * width + x0 + n * VEC, at = z * c_z + m * c_row + plane;\n");
        appendSteps(text, post, roles, 0, split, true);
        if (flat) {
            text.append("      VSTORE(v, lanes + n * VEC);\n    }\n").append(storeFlat(post, roles, split, all));
        } else {
            text.append("      const int rest = count - n * VEC;\n      if (rest >= VEC) VSTORE(v, c + at);\n")
                    .append("      else { VSTORE(v, lanes); for (int j = 0; j < rest; j++) c[at + j] = lanes[j]; }\n    }\n");
        }
        return new KernelSource("tile", text.append("  }\n}\n").toString());
    }

    /** Stores the lanes line by line, without the columns between them. */
    private String storeFlat(Pointwise post, List<Role> roles, int from, int to) {
        StringBuilder text = new StringBuilder();
        text.append("    for (int j = 0, y = line, x = x0; j < ").append(positions()).append(" && y < height; y++) {\n")
                .append("      const int run = min(").append(positions()).append(" - j, max(0, width - x));\n")
                .append("      for (int i = 0; i < run; i++) {\n        float v = lanes[j + i];\n")
                .append("        const int plane = y * width + x + i, at = z * c_z + m * c_row + plane;\n");
        appendSteps(text, post, roles, from, to, false);
        return text.append("        c[at] = v;\n      }\n      j += max(0, pitch - x);\n      x = 0;\n    }\n").toString();
    }

    private static int firstPositionedStep(Pointwise post, List<Role> roles) {
        int operand = 0;
        for (int s = 0; s < post.steps().size(); s++) {
            if (post.steps().get(s).operand().isPresent() && roles.get(operand++) != Role.ROW) {
                return s;
            }
        }
        return post.steps().size();
    }

    private String signature(int operands) {
        StringBuilder text = new StringBuilder("__kernel void $K(");
        if (combine == Combine.MULTIPLY_ADD) {
            text.append("__global const float* a, int a_off, ");
        }
        text.append("__global const float* b, int b_off, __global float* c, int c_off,\n");
        if (taps) {
            text.append("    __global const float* tap_table, int tap_off, int tap_count,\n");
        }
        for (int k = 0; k < operands; k++) {
            text.append("    __global const float* operand").append(k).append(", int operand").append(k).append("_off,\n");
        }
        return text.append("    int a_cycle, int a_z, int a_block, int a_row, int a_step, int b_z, int b_tile, int b_step, int c_z,\n")
                .append("    int c_row, int rows, int depth, int blocks, int tiles, int pitch, int width, int height, int line_tiles,\n")
                .append("    int blocks_first) {\n").toString();
    }

    private String walk() {
        StringBuilder text = new StringBuilder();
        text.append("  const int g0 = get_global_id(0), g1 = get_global_id(1), z = get_global_id(2);\n")
                .append("  const int block = blocks_first ? g0 : g1, tile_index = blocks_first ? g1 : g0;\n")
                .append("  if (block >= blocks || tile_index >= tiles) return;\n  const int m0 = block * ").append(rows)
                .append(";\n  c += c_off;\n");
        if (flat) {
            text.append("  const int p0 = tile_index * ").append(positions()).append(", line = p0 / pitch, x0 = p0 - line * pitch;\n")
                    .append("  b += b_off + z * b_z + p0;\n");
        } else {
            text.append("  const int line = tile_index / line_tiles, column_tile = tile_index - line * line_tiles;\n")
                    .append("  const int x0 = column_tile * ").append(positions()).append(", count = min(").append(positions())
                    .append(", width - x0);\n")
                    .append("  b += b_off + z * b_z + line * pitch + column_tile * b_tile;\n");
        }
        if (combine == Combine.MULTIPLY_ADD) {
            text.append("  a += a_off + (z % a_cycle) * a_z;\n");
            if (packedRows) {
                text.append("  a += block * a_block;\n");
            } else {
                for (int r = 0; r < rows; r++) {
                    text.append("  __global const float* a").append(r).append(" = a + min(m0 + ").append(r)
                            .append(", rows - 1) * a_row;\n");
                }
            }
        }
        String start = combine == Combine.MAXIMUM ? "-INFINITY" : "0.0f";
        for (int r = 0; r < rows; r++) {
            for (int n = 0; n < vectors; n++) {
                text.append("  FV acc").append(r).append('_').append(n).append(" = (FV)(").append(start).append(");\n");
            }
        }
        text.append("  for (int k = 0; k < depth; k++) {\n");
        if (taps) {
            text.append("   for (int t = 0; t < tap_count; t++) {\n")
                    .append("    __global const float* bt = b + ((__global const int*) tap_table)[tap_off + t];\n");
        } else {
            text.append("    __global const float* bt = b;\n    {\n");
        }
        for (int n = 0; n < vectors; n++) {
            text.append("    const FV b").append(n).append(" = VLOAD(bt + ").append(n * width).append(");\n");
        }
        for (int r = 0; r < rows; r++) {
            appendCombine(text, r);
        }
        if (combine == Combine.MULTIPLY_ADD && packedRows) {
            text.append("    a += ").append(rows).append(";\n");
        }
        return text.append("   }\n   b += b_step;\n  }\n").toString();
    }

    private void appendCombine(StringBuilder text, int r) {
        if (combine == Combine.MULTIPLY_ADD) {
            text.append("    { const float s = ").append(packedRows ? "a[" + r + "]" : "*a" + r).append("; ");
        } else {
            text.append("    { ");
        }
        for (int n = 0; n < vectors; n++) {
            String accumulator = "acc" + r + "_" + n;
            text.append(accumulator).append(switch (combine) {
                case MULTIPLY_ADD -> " += s * b" + n + "; ";
                case MAXIMUM -> " = fmax(" + accumulator + ", b" + n + "); ";
                case SUM -> " += b" + n + "; ";
            });
        }
        if (combine == Combine.MULTIPLY_ADD && !packedRows) {
            text.append('a').append(r).append(" += a_step; ");
        }
        text.append("}\n");
    }

    private void appendSteps(StringBuilder text, Pointwise post, List<Role> roles, int from, int to, boolean vector) {
        String type = vector ? KernelSource.vectorType(width) : "float";
        int operand = 0;
        for (int s = 0; s < to; s++) {
            Step step = post.steps().get(s);
            boolean has = step.operand().isPresent();
            if (s >= from) {
                text.append("      { ");
                if (has) {
                    String source = "operand" + operand + " + operand" + operand + "_off + ";
                    text.append("const ").append(type).append(" x = ").append(switch (roles.get(operand)) {
                        case ROW -> "(" + type + ")(*(" + source + "row))";
                        case FULL -> vector ? "VLOAD(" + source + "at)" : "*(" + source + "at)";
                        case PLANE -> vector ? "VLOAD(" + source + "plane)" : "*(" + source + "plane)";
                    }).append("; ");
                }
                text.append(step.code().replace("$T", type)).append(" }\n");
            }
            operand += has ? 1 : 0;
        }
    }
}
