package io.parallaxfleet.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The text of one kernel. Kernels that a region lacks are built together as one program, because starting a compiler costs more
 * than most kernels do; so the text leaves its function's name open as {@code $K} and leaves no macro behind.
 *
 * @param name for messages and profilers; the function's name starts with it
 * @param body the kernel, after the shared definitions of {@link #prelude}
 */
record KernelSource(String name, String body) {
    private static final Map<String, String> RESOURCES = new LinkedHashMap<>();

    static {
        for (String resource : new String[] {
            "functions.cl", "lanes.cl", "softmax.cl", "softmax_strided.cl", "normalize_rows.cl", "reduce.cl", "copy.cl", "frame.cl"
        }) {
            RESOURCES.put(resource, read(resource));
        }
    }

    KernelSource {
        Objects.requireNonNull(name, "name");
        if (!body.contains("$K")) {
            throw new IllegalArgumentException("the kernel " + name + " does not leave its name open");
        }
    }

    /** A kernel from its file, {@code name.cl}, with macros defined for it alone. */
    static KernelSource of(String name, Map<String, String> macros) {
        StringBuilder text = new StringBuilder();
        new java.util.TreeMap<>(macros).forEach((macro, value) ->
                text.append("#define ").append(macro).append(' ').append(value).append('\n'));
        text.append(RESOURCES.get(name + ".cl"));
        for (String macro : new java.util.TreeMap<>(macros).keySet()) {
            int parameters = macro.indexOf('(');
            text.append("#undef ").append(parameters < 0 ? macro : macro.substring(0, parameters)).append('\n');
        }
        return new KernelSource(name, text.toString());
    }

    /** The kernel under its final name. */
    String named(String function) {
        return body.replace("$K", function);
    }

    /** The OpenCL type of a vector of that many floats. */
    static String vectorType(int width) {
        return "float" + width;
    }

    /** What stands once before the kernels of a program: the vector type of the device and the shared functions. */
    static String prelude(int width) {
        String vector = vectorType(width);
        return "#define VEC " + width + "\n"
                + "typedef " + vector + " FV;\n"
                + "#define VLOAD(p) vload" + width + "(0, (p))\n"
                + "#define VSTORE(v, p) vstore" + width + "((v), 0, (p))\n"
                + "#define EXP exp_" + vector + "\n"
                + functions("float", "int") + functions(vector, "int" + width) + RESOURCES.get("lanes.cl");
    }

    private static String functions(String type, String integers) {
        return RESOURCES.get("functions.cl").replace("$T", type).replace("$I", integers);
    }

    private static String read(String resource) {
        try (InputStream in = KernelSource.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the kernel source " + resource + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
