# /// script
# dependencies = ["pint", "uncertainties", "periodictable", "ase", "biopython", "rdkit"]
# ///
"""Units, elements, molecules and matrices from text files of packages; chemistry in C++ with forty libraries."""

import io

import ase.build
import periodictable
import pint
from ase.calculators.emt import EMT
from Bio import Align, SeqIO
from Bio.Align import substitution_matrices
from rdkit import Chem
from rdkit.Chem import Descriptors
from uncertainties import ufloat

units = pint.UnitRegistry()
print((3 * units.mile).to("km"), f"{units('5 m/s'):~P}")
print(ufloat(3, 0.1) * 2, periodictable.formula("C8H10N4O2").mass, periodictable.U.density)
copper = ase.build.bulk("Cu")
copper.calc = EMT()
print(round(copper.get_potential_energy(), 4), sorted(ase.build.molecule("H2O").symbols))
print(substitution_matrices.load("BLOSUM62")["A"]["R"], Align.PairwiseAligner().score("GATTACA", "GCATGCA"))
print([record.id for record in SeqIO.parse(io.StringIO(">tea\nACGT\n"), "fasta")])
caffeine = Chem.MolFromSmiles("CN1C=NC2=C1C(=O)N(C(=O)N2C)C")
print(round(Descriptors.MolWt(caffeine), 2), caffeine.GetNumAtoms(), Chem.MolToSmiles(caffeine))
