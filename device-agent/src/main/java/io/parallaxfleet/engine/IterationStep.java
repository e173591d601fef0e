package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.TensorCopy;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Runs a Loop or Scan: the plan of its body once an iteration. What iterations hand on stays where the body put it, in two places
 * that take turns; it is copied only where a sub-graph inside the body made it. The results stay until the step runs again.
 */
final class IterationStep implements BodyRunner {
    private final Iteration iteration;
    private final String name;
    private final List<String> outputs;
    private final LoadedPlan body;
    private final CpuThreads threads;
    private final LongSupplier budgetBytes;
    private final Map<String, OnnxTensor> constants;
    private final List<String> bodyInputs;
    private final List<String> bodyOutputs;
    private final List<String> captured;
    private final List<HandedOnValue> handedOn = new ArrayList<>();
    private final List<StackedResult> stacked = new ArrayList<>();
    /** Of each stacked result, where every row has the same; empty where only the run tells, or a row is a scalar. */
    private final List<long[]> rowShapes = new ArrayList<>();
    private final List<SlicedInput> sliced = new ArrayList<>();
    private final TensorCopy number;
    private final TensorCopy goesOn;
    private final long[] shapeOfNumber;
    private final long[] shapeOfGoesOn;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private long iterations;
    private long startNanos;
    /** When the iterations so far had ended. */
    private long endNanos;
    private long pauseNanos;
    private long grownBytes;

    /**
     * Takes ownership of the plan, the threads and the constants.
     *
     * @param node the operator
     * @param constants what it reads of the model's constants
     * @param budgetBytes memory budget of the run in progress
     */
    IterationStep(
            Iteration iteration, Node node, LoadedPlan body, CpuThreads threads, Map<String, OnnxTensor> constants,
            LongSupplier budgetBytes, OrtEnvironment environment) {
        this.iteration = iteration;
        this.name = node.name();
        this.outputs = node.outputs();
        this.body = body;
        this.threads = threads;
        this.constants = constants;
        this.budgetBytes = budgetBytes;
        this.bodyInputs = body.inputs();
        this.bodyOutputs = body.outputs();
        this.number = new TensorCopy(environment);
        this.goesOn = new TensorCopy(environment);
        boolean loops = iteration.bound() instanceof Iteration.Bound.TripsAndCondition;
        this.shapeOfNumber = loops ? shapeOfInput(0) : new long[0];
        this.shapeOfGoesOn = loops ? shapeOfInput(1) : new long[0];
        int scanned = 0;
        if (iteration.bound() instanceof Iteration.Bound.Sequence sequence) {
            scanned = sequence.scanned().size();
            sequence.scanned().forEach(input -> sliced.add(new SlicedInput(input.along(), environment)));
        }
        int own = iteration.bound().leadingInputs() + iteration.initial().size() + scanned;
        this.captured = bodyInputs.subList(own, bodyInputs.size());
        Set<String> madeInside = body.plan().steps().stream()
                .filter(step -> step.controlFlow().isPresent())
                .flatMap(step -> step.outputs().stream())
                .collect(Collectors.toSet());
        for (int value = 0; value < iteration.initial().size(); value++) {
            handedOn.add(new HandedOnValue(environment, madeInside.contains(output(value))));
        }
        ModelGraph graph = body.plan().branches().graph();
        for (int result = 0; result < iteration.stacked().size(); result++) {
            TensorType row = graph.type(output(handedOn.size() + result)).orElseThrow();
            stacked.add(new StackedResult(name, iteration.stacked().get(result), row, environment));
            rowShapes.add(row.isStatic() ? row.shape() : new long[0]);
        }
    }

    /** Result of the body, counted behind the condition. */
    private String output(int position) {
        return bodyOutputs.get(iteration.bound().leadingOutputs() + position);
    }

    /** Input of the body, counted behind the iteration's number and the condition. */
    private String input(int position) {
        return bodyInputs.get(iteration.bound().leadingInputs() + position);
    }

    @Override
    public void run(TensorStore tensors) throws OrtException {
        for (int input = 0; input < captured.size(); input++) {
            inputs.put(captured.get(input), tensors.tensor(captured.get(input)));
        }
        for (int value = 0; value < handedOn.size(); value++) {
            handedOn.get(value).begin(tensor(tensors, iteration.initial().get(value)));
        }
        startNanos = System.nanoTime();
        endNanos = startNanos;
        pauseNanos = 0;
        long ran;
        if (iteration.bound() instanceof Iteration.Bound.TripsAndCondition loop) {
            ran = runLoop(tensors, loop);
        } else {
            ran = runScan(tensors, (Iteration.Bound.Sequence) iteration.bound());
        }
        iterations = ran;
        if (ran == 0) {
            for (int value = 0; value < handedOn.size(); value++) {
                handedOn.get(value).endWithout();
            }
        }
        publish(tensors);
    }

    private long runLoop(TensorStore tensors, Iteration.Bound.TripsAndCondition loop) throws OrtException {
        long trips = loop.mostTrips().isPresent() ? firstLong(tensors, loop.mostTrips().get()) : Long.MAX_VALUE;
        boolean goOn = loop.condition().isEmpty() || firstByte(tensors, loop.condition().get()) != 0;
        stacked.forEach(StackedResult::begin);
        goesOn.reserve(1).put((byte) 1);
        inputs.put(bodyInputs.get(1), goesOn.as(OnnxJavaType.BOOL, shapeOfGoesOn));
        ByteBuffer count = number.reserve(Long.BYTES);
        inputs.put(bodyInputs.get(0), number.as(OnnxJavaType.INT64, shapeOfNumber));
        long ran = 0;
        while (goOn && ran < trips) {
            count.putLong(0, ran++);
            iterate();
            goOn = body.content(bodyOutputs.get(0)).get(0) != 0;
        }
        return ran;
    }

    private long runScan(TensorStore tensors, Iteration.Bound.Sequence sequence) throws OrtException {
        for (int position = 0; position < sliced.size(); position++) {
            String whole = sequence.scanned().get(position).tensor();
            sliced.get(position).begin(tensor(tensors, whole), content(tensors, whole));
        }
        long length = sliced.get(0).length();
        for (int input = 1; input < sliced.size(); input++) {
            if (sliced.get(input).length() != length) {
                throw new EngineException("'" + name + "' scans " + length + " slices of one tensor and " + sliced.get(input).length()
                        + " of another; all must have as many", null);
            }
        }
        for (int result = 0; result < stacked.size(); result++) {
            stacked.get(result).begin(length);
        }
        for (long ran = 0; ran < length; ran++) {
            for (int position = 0; position < sliced.size(); position++) {
                inputs.put(input(handedOn.size() + position), sliced.get(position).slice(ran));
            }
            iterate();
        }
        sliced.forEach(SlicedInput::end);
        return length;
    }

    private void iterate() throws OrtException {
        for (int value = 0; value < handedOn.size(); value++) {
            inputs.put(input(value), handedOn.get(value).value());
        }
        body.executeAsBody(budgetBytes.getAsLong(), inputs);
        long ended = System.nanoTime();
        pauseNanos += body.times().kernelTimes().outsideNanos(endNanos, ended);
        endNanos = ended;
        for (int value = 0; value < handedOn.size(); value++) {
            handedOn.get(value).next(body.output(output(value)));
        }
        for (int result = 0; result < stacked.size(); result++) {
            String row = output(handedOn.size() + result);
            // Asking ONNX Runtime for a shape copies it.
            long[] known = rowShapes.get(result);
            stacked.get(result).add(body.content(row), known.length > 0 ? known : body.output(row).getInfo().getShape());
        }
    }

    private void publish(TensorStore tensors) throws OrtException {
        for (int position = 0; position < outputs.size(); position++) {
            if (!outputs.get(position).isEmpty()) {
                tensors.publish(outputs.get(position), position < handedOn.size()
                        ? handedOn.get(position).value()
                        : stacked.get(position - handedOn.size()).result());
            }
        }
        grownBytes = body.grownBytes();
        for (int value = 0; value < handedOn.size(); value++) {
            grownBytes += handedOn.get(value).bytes();
        }
        for (int result = 0; result < stacked.size(); result++) {
            grownBytes += stacked.get(result).bytes();
        }
    }

    private OnnxTensor tensor(TensorStore tensors, String tensor) {
        OnnxTensor constant = constants.get(tensor);
        return constant != null ? constant : tensors.tensor(tensor);
    }

    private long firstLong(TensorStore tensors, String tensor) {
        OnnxTensor constant = constants.get(tensor);
        return constant != null ? TensorStore.firstLong(constant) : tensors.firstLong(tensor);
    }

    private byte firstByte(TensorStore tensors, String tensor) {
        OnnxTensor constant = constants.get(tensor);
        return constant != null ? TensorStore.firstByte(constant) : tensors.firstByte(tensor);
    }

    private ByteBuffer content(TensorStore tensors, String tensor) {
        OnnxTensor constant = constants.get(tensor);
        return constant != null ? TensorStore.bytesOf(constant) : tensors.content(tensor);
    }

    /** The iteration's number and the condition are scalars, or of one element where the body says so. */
    private long[] shapeOfInput(int position) {
        return body.plan().branches().graph().type(bodyInputs.get(position)).filter(type -> type.rank() == 1).isPresent()
                ? new long[] {1}
                : new long[0];
    }

    @Override
    public void repeat() throws OrtException {
        for (long ran = 0; ran < iterations; ran++) {
            body.repeatKernels();
        }
    }

    @Override
    public long kernelStartNanos() {
        return startNanos;
    }

    @Override
    public long kernelEndNanos() {
        return endNanos;
    }

    @Override
    public long pauseNanos() {
        return pauseNanos;
    }

    @Override
    public long grownBytes() {
        return grownBytes;
    }

    @Override
    public Fallback fallback() {
        return body.fallback();
    }

    @Override
    public void forgetTimes() {
        body.times().forget();
    }

    @Override
    public void reportTimes(List<BodyBranchRun> into) {
        body.times().report(into);
    }

    @Override
    public void releaseRun() {
        inputs.replaceAll((input, tensor) -> null);
        body.releaseRun();
    }

    @Override
    public void close() throws OrtException {
        body.close();
        handedOn.forEach(HandedOnValue::close);
        stacked.forEach(StackedResult::close);
        sliced.forEach(SlicedInput::close);
        number.close();
        goesOn.close();
        constants.values().forEach(OnnxTensor::close);
        threads.close();
    }
}
