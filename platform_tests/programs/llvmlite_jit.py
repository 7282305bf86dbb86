# /// script
# dependencies = ["llvmlite"]
# [tool.mempip]
# container = true
# ///
"""libllvmlite.so, opened by ctypes through importlib.resources, compiles and runs a function."""

import ctypes

import llvmlite.binding as llvm
from llvmlite import ir

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
number = ir.IntType(64)
module = ir.Module("m")
function = ir.Function(module, ir.FunctionType(number, [number, number]), "add")
builder = ir.IRBuilder(function.append_basic_block())
builder.ret(builder.add(*function.args))
machine = llvm.Target.from_default_triple().create_target_machine()
engine = llvm.create_mcjit_compiler(llvm.parse_assembly(str(module)), machine)
engine.finalize_object()
add = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)(engine.get_function_address("add"))
print(add(40, 2), llvm.llvm_version_info[0], function.name in str(module))
