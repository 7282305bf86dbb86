# /// script
# dependencies = ["pygame-ce"]
# ///
"""A game without a screen: SDL with what it bundles, a font and an icon of the package."""

import os

os.environ.update(SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy", PYGAME_HIDE_SUPPORT_PROMPT="1")
import pygame

pygame.init()
screen = pygame.display.set_mode((64, 64))
screen.fill("red")
pygame.draw.circle(screen, "blue", (32, 32), 10)
font = pygame.font.Font(None, 24)
print(tuple(screen.get_at((32, 32))), font.size("tea"), pygame.display.get_driver(), pygame.font.get_default_font())
screen.blit(font.render("tea", True, "white"), (0, 0))
pygame.image.save(screen, "screen.png")
print(
    pygame.image.load("screen.png").get_size(),
    pygame.mixer.get_init() is not None,
    pygame.mask.from_surface(screen).count(),
)
pygame.event.post(pygame.event.Event(pygame.USEREVENT, tea="green"))
print([event.tea for event in pygame.event.get(pygame.USEREVENT)])
