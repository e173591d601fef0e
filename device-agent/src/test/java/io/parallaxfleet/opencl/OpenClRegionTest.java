package io.parallaxfleet.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.CompiledRegion;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenClRegionTest {
    private OpenClAccelerator device;

    @BeforeEach
    void open() {
        device = RequiredDevice.open();
    }

    @AfterEach
    void close() {
        if (device != null) {
            device.close();
        }
    }

    /** y = relu(conv(x)) + x, and its model. */
    private record Small(Fragment fragment, ModelGraph graph) {
        static Small make() throws OrtException {
            Fragment fragment = new Fragment(new SplittableRandom(1)).input("x", 1, 8, 11, 13).constant("w", 8, 8, 3, 3)
                    .node("Conv", List.of("x", "w"), List.of("c"), Map.of("pads", new int[] {1, 1, 1, 1}))
                    .node("Relu", List.of("c"), "r").node("Add", List.of("r", "x"), "y");
            return new Small(fragment, fragment.graph(fragment.types(), List.of("y")));
        }

        CompiledRegion compile(OpenClAccelerator on) {
            return on.compile(graph, fragment.region(graph), fragment.constants(List.of("y")));
        }
    }

    private static final int FLOATS = 8 * 11 * 13;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    @DisplayName("a random graph of many operators, with forks, joins and several outputs, gives what ONNX Runtime gives")
    void randomRegions(int seed) throws OrtException {
        SplittableRandom random = new SplittableRandom(seed);
        int channels = random.nextInt(3, 18);
        int height = random.nextInt(4, 15);
        int width = random.nextInt(4, 40);
        Fragment fragment = new Fragment(random).input("t0", 1, channels, height, width).integers("halves", channels, channels)
                .integers("back", 1, channels, height, width).integers("flat", channels, height * width)
                .constant("bias", channels, 1, 1).constant("scale", width).constant("shift", width)
                .constant("mix", width, width);
        List<String> tensors = new ArrayList<>(List.of("t0"));
        for (int i = 1; i <= 24; i++) {
            String in = tensors.get(Math.max(0, tensors.size() - 1 - random.nextInt(3)));
            String other = tensors.get(random.nextInt(tensors.size()));
            String out = "t" + i;
            String weight = "w" + i;
            switch (random.nextInt(13)) {
                case 0 -> fragment.constant(weight, channels, channels, 3, 3).node("Conv", List.of(in, weight), List.of(out + "c"),
                                Map.of("pads", new int[] {1, 1, 1, 1})).node("Tanh", List.of(out + "c"), out);
                case 1 -> fragment.constant(weight, channels, channels, 1, 1).node("Conv", List.of(in, weight), List.of(out + "c"),
                        Map.of()).node("Add", List.of(other, out + "c"), out + "s").node("Tanh", List.of(out + "s"), out);
                case 2 -> fragment.constant(weight, channels, 1, 3, 5).node("Conv", List.of(in, weight), List.of(out),
                        Map.of("pads", new int[] {1, 2, 1, 2}, "group", channels));
                case 3 -> fragment.node("Add", List.of(in, "bias"), out);
                case 4 -> fragment.node("Sigmoid", List.of(in), out + "g").node("Mul", List.of(in, out + "g"), out);
                case 5 -> fragment.node("Concat", List.of(in, other), List.of(out + "c"), Map.of("axis", 1))
                        .node("Split", List.of(out + "c", "halves"), List.of(out, out + "x"), Map.of("axis", 1));
                case 6 -> fragment.node("MaxPool", List.of(in), List.of(out), Map.of("kernel_shape", new int[] {3, 3}, "pads",
                        new int[] {1, 1, 1, 1}));
                case 7 -> fragment.node("LayerNormalization", List.of(in, "scale", "shift"), out);
                case 8 -> fragment.node("Reshape", List.of(in, "flat"), out + "f").node("Softmax", List.of(out + "f"), out + "s")
                        .node("Reshape", List.of(out + "s", "back"), out);
                case 9 -> fragment.node("MatMul", List.of(in, "mix"), out + "m").node("Tanh", List.of(out + "m"), out);
                case 10 -> fragment.node("ReduceMean", List.of(in), List.of(out + "r"), Map.of("axes", new int[] {2, 3}))
                        .node("Sub", List.of(in, out + "r"), out);
                case 11 -> fragment.node("Transpose", List.of(in), List.of(out + "t"), Map.of("perm", new int[] {0, 2, 3, 1}))
                        .node("Relu", List.of(out + "t"), out + "r")
                        .node("Transpose", List.of(out + "r"), List.of(out), Map.of("perm", new int[] {0, 3, 1, 2}));
                default -> fragment.node("Mul", List.of(in, other), out + "m").node("Tanh", List.of(out + "m"), out);
            }
            tensors.add(out);
        }
        fragment.check(device, List.of(tensors.get(tensors.size() - 1), tensors.get(8), tensors.get(17)));
    }

    @Test
    @DisplayName("element-wise operators after a convolution cost no launch of their own")
    void fuses() throws OrtException {
        try (CompiledRegion region = Small.make().compile(device)) {
            // The frame and the convolution.
            assertEquals(2, ((OpenClRegion) region).launches());
        }
    }

    @Test
    @DisplayName("a second region with the same kernels builds none")
    void reusesKernels() throws OrtException {
        Small small = Small.make();
        small.compile(device);
        int kernels = device.kernelCount();
        small.compile(device);
        assertEquals(kernels, device.kernelCount());
    }

    @Test
    @DisplayName("buffers at any address give the same result as aligned ones, and may change from run to run")
    void anyBuffer() throws OrtException {
        Small small = Small.make();
        FloatBuffer first = null;
        try (CompiledRegion region = small.compile(device)) {
            for (int offset : new int[] {0, 4, 64, 0, 20}) {
                ByteBuffer in = at(offset);
                ByteBuffer out = at(64 - offset % 64);
                for (int i = 0; i < FLOATS; i++) {
                    in.putFloat(4 * i, (i % 37 - 18) / 9.0f);
                }
                region.run(List.of(in), List.of(out));
                first = first == null ? out.asFloatBuffer() : first;
                assertEquals(first, out.asFloatBuffer());
            }
        }
    }

    private static ByteBuffer at(int offset) {
        return Fragment.aligned(FLOATS + 64).slice(offset, FLOATS * Float.BYTES).order(ByteOrder.nativeOrder());
    }

    @Test
    @DisplayName("a buffer of the wrong size or on the heap is refused by position")
    void refusesWrongBuffers() throws OrtException {
        try (CompiledRegion region = Small.make().compile(device)) {
            List<ByteBuffer> good = List.of(Fragment.aligned(FLOATS));
            IllegalArgumentException size = assertThrows(IllegalArgumentException.class,
                    () -> region.run(List.of(Fragment.aligned(FLOATS - 1)), good));
            assertTrue(size.getMessage().startsWith("input 0 must be a direct buffer of 4576 bytes"), size.getMessage());
            assertThrows(IllegalArgumentException.class, () -> region.run(good, List.of(ByteBuffer.allocate(FLOATS * Float.BYTES))));
            assertThrows(IllegalArgumentException.class, () -> region.run(List.of(), good));
        }
    }

    @Test
    @DisplayName("closing a region gives back every buffer and kernel; closing the accelerator closes its regions")
    void closeFrees() throws OrtException {
        Small small = Small.make();
        OpenClRegion first = (OpenClRegion) small.compile(device);
        OpenClRegion second = (OpenClRegion) small.compile(device);
        assertTrue(first.deviceBytes() >= 8 * 8 * 9 * 4, "weights are counted");
        first.close();
        assertEquals(0, first.nativeObjects());
        assertEquals(1, device.openRegions());
        device.close();
        assertEquals(0, second.nativeObjects());
        assertEquals(0, device.openRegions());
        AcceleratorException failure = assertThrows(AcceleratorException.class,
                () -> second.run(List.of(Fragment.aligned(FLOATS)), List.of(Fragment.aligned(FLOATS))));
        assertEquals(AcceleratorException.Cause.DEVICE_LOST, failure.failure());
        assertThrows(AcceleratorException.class, () -> small.compile(device));
        second.close();
        device.close();
    }

    @Test
    @DisplayName("regions of one accelerator run at the same time from several threads")
    void runsInParallel() throws Exception {
        Small small = Small.make();
        ByteBuffer in = Fragment.aligned(FLOATS);
        for (int i = 0; i < FLOATS; i++) {
            in.putFloat(4 * i, i % 11 - 5);
        }
        ByteBuffer expected = Fragment.aligned(FLOATS);
        try (CompiledRegion region = small.compile(device)) {
            region.run(List.of(in), List.of(expected));
        }
        List<Thread> threads = new ArrayList<>();
        List<ByteBuffer> outputs = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            CompiledRegion region = small.compile(device);
            ByteBuffer out = Fragment.aligned(FLOATS);
            outputs.add(out);
            threads.add(new Thread(() -> {
                for (int run = 0; run < 20; run++) {
                    region.run(List.of(in), List.of(out));
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        outputs.forEach(out -> assertEquals(expected.asFloatBuffer(), out.asFloatBuffer()));
    }

    @Test
    @DisplayName("an operator without a kernel is refused with the reason, and so is a region that holds one")
    void refusesWithReason() throws OrtException {
        Fragment fragment = new Fragment(new SplittableRandom(2)).input("x", 4, 5).node("Softsign", List.of("x"), "y");
        ModelGraph graph = fragment.graph(fragment.types(), List.of("y"));
        assertEquals("Softsign has no OpenCL kernel", device.refusal(graph, graph.node(0)).orElseThrow());
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
                () -> device.compile(graph, fragment.region(graph), fragment.constants(List.of("y"))));
        assertTrue(refused.getMessage().contains("'Softsign0' cannot run on OpenCL: Softsign has no OpenCL kernel"), refused.getMessage());
    }

    @Test
    @DisplayName("a tensor of unknown shape or another type is refused with the reason")
    void refusesTensors() {
        Fragment fragment = new Fragment(new SplittableRandom(3)).input("x", 4, 5).node("Relu", List.of("x"), "y");
        ModelGraph dynamic = fragment.graph(Map.of("x", TensorType.of(io.parallaxfleet.graph.ElementType.FLOAT, -1, 5)), List.of("y"));
        assertEquals("'x' has a data-dependent shape", device.refusal(dynamic, dynamic.node(0)).orElseThrow());
        ModelGraph half = fragment.graph(Map.of("x", TensorType.of(io.parallaxfleet.graph.ElementType.FLOAT16, 4, 5)), List.of("y"));
        assertEquals("'x' is FLOAT16, not FLOAT", device.refusal(half, half.node(0)).orElseThrow());
    }

    @Test
    @DisplayName("a device that no name matches is not found, and the reason lists what there is")
    void namesWhatThereIs() {
        DeviceSearch search = OpenClDevices.search(OpenClOptions.defaults().withNameContaining("no such device"));
        assertTrue(search instanceof DeviceSearch.None none && none.reason().contains("there is " + device.description().name()),
                search.toString());
    }
}
