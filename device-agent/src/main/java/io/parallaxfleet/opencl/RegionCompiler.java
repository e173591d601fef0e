package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.partition.Region;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** Compiles regions for one device: fusion, lowering, memory planning, then the native objects. */
final class RegionCompiler {
    // One buffer for all weights is simplest for drivers; very large models are cut so that no allocation is unusual.
    private static final long MAX_CONSTANT_BUFFER_FLOATS = 128L << 20;

    private final DeviceContext device;
    private final OperatorCatalogue catalogue;

    RegionCompiler(DeviceContext device, OperatorCatalogue catalogue) {
        this.device = device;
        this.catalogue = catalogue;
    }

    OpenClRegion compile(ModelGraph graph, Region region, ConstantSource constants, Consumer<OpenClRegion> onClose) {
        RegionDraft draft = new RegionDraft(graph, constants, device.traits(), region.inputs(),
                ConcatPlacement.find(graph, region));
        for (FusionPlan.Group group : new FusionPlan(graph, region, catalogue, draft).groups()) {
            group.lowering().lower(group.anchor(), group.pointwise(), group.result(), draft);
        }
        draft.claimOutputs(region.outputs());
        NativeScope scope = new NativeScope();
        try {
            return build(draft, region, scope, onClose);
        } catch (RuntimeException failure) {
            scope.close();
            throw failure;
        }
    }

    private OpenClRegion build(RegionDraft draft, Region region, NativeScope scope, Consumer<OpenClRegion> onClose) {
        long scratchFloats = ScratchPlanner.plan(draft.scratchStorages());
        cl_mem scratch = scratchFloats == 0 ? null : scope.keep(device.buffer(scratchFloats));
        List<cl_mem> weights = new ArrayList<>();
        long weightBytes = upload(draft, scope, weights);

        BoundaryTensor[] inputs = new BoundaryTensor[region.inputs().size()];
        BoundaryTensor[] outputs = new BoundaryTensor[region.outputs().size()];
        List<OpenClRegion.Step> steps = new ArrayList<>();
        device.build(draft.launches().stream().map(Launch::kernel).toList());
        for (Launch launch : draft.launches()) {
            cl_kernel kernel = scope.keep(device.kernel(launch.kernel()));
            int position = 0;
            for (Launch.Argument argument : launch.arguments()) {
                if (argument instanceof Launch.Argument.Memory memory) {
                    Storage storage = memory.view().storage();
                    switch (storage.kind()) {
                        case SCRATCH -> set(launch, kernel, position, Sizeof.cl_mem, Pointer.to(scratch));
                        case CONSTANT -> set(launch, kernel, position, Sizeof.cl_mem, Pointer.to(weights.get(storage.index())));
                        case INPUT -> boundary(inputs, storage, scope).usedBy(kernel, position);
                        case OUTPUT -> boundary(outputs, storage, scope).usedBy(kernel, position);
                    }
                    int offset = storage.offset() + memory.view().offset();
                    set(launch, kernel, position + 1, Sizeof.cl_int, Pointer.to(new int[] {offset}));
                    position += 2;
                } else if (argument instanceof Launch.Argument.Whole whole) {
                    set(launch, kernel, position++, Sizeof.cl_int, Pointer.to(new int[] {whole.value()}));
                } else if (argument instanceof Launch.Argument.Real real) {
                    set(launch, kernel, position++, Sizeof.cl_float, Pointer.to(new float[] {real.value()}));
                }
            }
            steps.add(step(launch, kernel));
        }
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] == null) {
                // An input that only shapes depend on: no kernel reads it.
                inputs[i] = new BoundaryTensor(device, scope, draft.read(region.inputs().get(i)).elements(), false);
            }
        }
        long scratchBytes = scratch == null ? 0 : DeviceContext.bytesOf(scratchFloats);
        OpenClRegion compiled = new OpenClRegion(device, scope, steps, Arrays.asList(inputs), Arrays.asList(outputs),
                weightBytes + scratchBytes, onClose);
        compiled.warmUp();
        return compiled;
    }

    private BoundaryTensor boundary(BoundaryTensor[] tensors, Storage storage, NativeScope scope) {
        int index = storage.index();
        if (tensors[index] == null) {
            tensors[index] = new BoundaryTensor(device, scope, storage.elements(), !storage.readPastEnd());
        }
        return tensors[index];
    }

    private static void set(Launch launch, cl_kernel kernel, int position, long size, Pointer value) {
        OpenClFailures.guard("setting argument " + position + " of " + launch.label(), () ->
                CL.clSetKernelArg(kernel, position, size, value));
    }

    /** Puts the constants side by side into as few buffers as the limits allow; returns their bytes. */
    private long upload(RegionDraft draft, NativeScope scope, List<cl_mem> buffers) {
        long limit = Math.min(MAX_CONSTANT_BUFFER_FLOATS,
                device.traits().maxAllocationBytes() / Float.BYTES - DeviceTraits.SLACK_FLOATS);
        List<Long> sizes = new ArrayList<>();
        for (RegionDraft.Upload upload : draft.uploads()) {
            long floats = aligned(upload.storage().elements());
            int last = sizes.size() - 1;
            if (last < 0 || sizes.get(last) + floats > limit) {
                sizes.add(0L);
                last++;
            }
            upload.storage().place(last, Math.toIntExact(sizes.get(last)));
            sizes.set(last, sizes.get(last) + floats);
        }
        long bytes = 0;
        for (long size : sizes) {
            buffers.add(scope.keep(device.buffer(size)));
            bytes += DeviceContext.bytesOf(size);
        }
        for (RegionDraft.Upload upload : draft.uploads()) {
            ByteBuffer content = upload.content().get();
            device.upload(buffers.get(upload.storage().index()), upload.storage().offset(), directCopy(content));
        }
        return bytes;
    }

    private static ByteBuffer directCopy(ByteBuffer content) {
        return content.isDirect() ? content : ByteBuffer.allocateDirect(content.remaining()).put(content.duplicate()).flip();
    }

    private static long aligned(long floats) {
        int unit = ScratchPlanner.ALIGNMENT_FLOATS;
        return (floats + unit - 1) / unit * unit;
    }

    private OpenClRegion.Step step(Launch launch, cl_kernel kernel) {
        if (device.traits().cpu()) {
            return new OpenClRegion.Step(launch.label(), kernel, launch.items(), new long[] {1, 1, 1});
        }
        long[] local = launch.local().clone();
        long[] most = new long[1];
        OpenClFailures.guard("asking for the work-group limit of " + launch.label(), () ->
                CL.clGetKernelWorkGroupInfo(kernel, device.device(), CL.CL_KERNEL_WORK_GROUP_SIZE, Sizeof.size_t,
                        Pointer.to(most), null));
        while (local[0] * local[1] * local[2] > most[0]) {
            int widest = local[0] >= local[1] && local[0] >= local[2] ? 0 : local[1] >= local[2] ? 1 : 2;
            local[widest] /= 2;
        }
        long[] global = new long[3];
        for (int d = 0; d < 3; d++) {
            global[d] = (launch.items()[d] + local[d] - 1) / local[d] * local[d];
        }
        return new OpenClRegion.Step(launch.label(), kernel, global, local);
    }
}
