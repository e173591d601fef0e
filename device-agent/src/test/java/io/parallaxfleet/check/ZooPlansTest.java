package io.parallaxfleet.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.SideBySide;
import io.parallaxfleet.engine.VerifiedPlans;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.Partitioner;
import io.parallaxfleet.prepare.PlanningOnly;
import io.parallaxfleet.zoo.ZooModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The planners' promises on the graph of every model of the zoo, as exported, under several accelerators and policies. */
class ZooPlansTest {
    private static final Set<String> COMPUTING = Set.of("Conv", "MatMul", "Gemm", "Add", "Mul", "Relu", "Sigmoid", "Softmax", "Concat");

    /** More than most layers have branches, so that some have several threads each. */
    private static final int THREADS = 6;

    /** Each accelerator of a model meets another policy, and each kind of accelerator all of them in turn. */
    private static int trials;

    @TempDir
    Path folder;

    static Stream<ZooModel> models() {
        return ZooModel.ALL.stream();
    }

    /** The model as it lies in the archive; of weights beside it only the size matters here. */
    private ModelGraph graph(ZooModel model) throws IOException {
        Path file = folder.resolve(model.name() + ".onnx");
        try (InputStream resource = resource(model.resource())) {
            Files.copy(resource, file);
        }
        if (model.weights().isPresent()) {
            try (InputStream resource = resource(model.weights().get());
                    RandomAccessFile weights = new RandomAccessFile(folder.resolve(model.name() + ".weights").toFile(), "rw")) {
                String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
                weights.setLength(Long.parseLong(text.substring("# total ".length(), text.indexOf('\n')).trim()));
            }
        }
        OnnxModel read = OnnxModel.read(file);
        Map<String, TensorType> types = new HashMap<>(read.inferredTypes());
        read.inputs().forEach(input -> TensorTypes.of(input).ifPresent(type -> types.put(input.getName(), type)));
        ModelGraph graph = read.graph(model.name(), types);
        // The planners' rules on shapes are tested elsewhere; here every tensor gets one, so that regions are large.
        graph.nodes().stream().flatMap(node -> node.writes()).forEach(tensor -> types.putIfAbsent(tensor, TensorType.of(
                ElementType.FLOAT, 1, 64)));
        return read.graph(model.name(), types);
    }

    private static InputStream resource(String name) {
        return ZooPlansTest.class.getClassLoader().getResourceAsStream(name);
    }

    private static List<OperatorSupport> accelerators(ModelGraph graph) {
        Random random = new Random(graph.size());
        boolean[] some = new boolean[graph.size()];
        for (int node = 0; node < some.length; node++) {
            some[node] = random.nextInt(10) > 0;
        }
        return List.of((any, node) -> true, (any, node) -> COMPUTING.contains(node.opType()), (any, node) -> some[node.index()],
                OperatorSupport.none());
    }

    @ParameterizedTest
    @MethodSource("models")
    void regionsBranchesLayersArenasAndThreadSharesKeepTheirPromises(ZooModel model) throws IOException {
        ModelGraph graph = graph(model);
        List<DelegationPolicy> policies = List.of(DelegationPolicy.paper(), DelegationPolicy.paperBreakEven(),
                new DelegationPolicy.Thresholds(1, 0, 1e9));
        for (OperatorSupport accelerator : accelerators(graph)) {
            DelegationPolicy policy = policies.get(trials++ % policies.size());
            Partition partition = Partitioner.partition(graph, accelerator, policy);
            assertEquals(partition.verdicts().size(), partition.delegated().size() + partition.pruned().size());
            for (SideBySide layers : List.of(new SideBySide.ParallelLayers(), new SideBySide.Everywhere())) {
                VerifiedPlans.verify(
                        EnginePlanner.plan(PlanningOnly.of(graph), accelerator, policy, 0, layers, THREADS), accelerator);
            }
        }
    }
}
